using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;

namespace OnnxActNN.Rewriter.Sensitivity;

/// <summary>
/// How a tensor's groups spread by their range: what bits per group gain, and how many groups should have how many.
/// </summary>
/// <remarks>
/// The variance of a group's code is its squared range over 12 · steps². A profile tells squares to a quarter of an
/// octave. The groups may be longer or shorter than those that are packed; the spread is taken to be the same.
/// </remarks>
internal sealed class RangeHistogram
{
    /// <summary>Lets a whole share be whole.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>Groups of one squared range, the largest first; constant groups, of range 0, last.</summary>
    private readonly (double Squared, double Groups)[] _bins;

    private readonly double _groups;
    private readonly double _squares;

    /// <param name="bins">Groups by their squared range, in bins of <see cref="RangeBins"/>.</param>
    /// <param name="groups">All groups; those that are in no bin have range 0.</param>
    public RangeHistogram(IReadOnlyDictionary<int, long> bins, long groups)
        : this(bins.Select(bin => (RangeBins.MiddleOf(bin.Key), (double)bin.Value))
            .Append((0, Math.Max(0, groups - bins.Values.Sum()))))
    {
    }

    private RangeHistogram(IEnumerable<(double Squared, double Groups)> bins)
    {
        _bins = [.. bins.OrderByDescending(bin => bin.Squared)];
        _groups = _bins.Sum(bin => bin.Groups);
        _squares = _bins.Sum(bin => bin.Squared * bin.Groups);
    }

    /// <summary>
    /// How groups spread by what an order ranks them by; null where a profile does not tell, or no group has a range.
    /// </summary>
    public static RangeHistogram? Of(TensorProfile profile, WidthOrder order)
    {
        var histogram = order switch
        {
            WidthOrder.Range => new RangeHistogram(profile.SquaredRangeBins, profile.Groups),
            WidthOrder.RelativeRange => new RangeHistogram(profile.RelativeRangeBins, profile.Groups),
            WidthOrder.Sample => OfSamples(profile.Samples, profile.Samples.SquaredRanges),
            _ => OfSamples(profile.Samples, profile.Samples.RelativeRanges),
        };
        return histogram._squares > 0 ? histogram : null;
    }

    private static RangeHistogram OfSamples(SampleProfile samples, IReadOnlyList<double> sums) =>
        new(sums.Zip(samples.Elements).Where(sample => sample.Second > 0)
            .Select(sample => (sample.First / sample.Second, 1.0)));

    /// <summary>
    /// What 1 / steps² is on average over the groups, by their squared ranges, when the largest get the widest codes.
    /// </summary>
    public double InverseSquaredSteps(PackFormat format, Func<PackFormat, double> stepsOf)
    {
        var steps = Enumerable.Range(0, WidthShares.Classes)
            .Select(index => stepsOf(format.Uniform(format.WidthOf(index)))).ToArray();
        var before = 0.0;
        var sum = 0.0;
        foreach (var (squared, groups) in _bins)
        {
            for (var index = 0; index < WidthShares.Classes; index++)
            {
                var (end, begin) = (ShareOf(index), index + 1 < WidthShares.Classes ? ShareOf(index + 1) : 0);
                var inClass = Math.Max(0, Math.Min(before + groups, end * _groups) - Math.Max(before, begin * _groups));
                sum += inClass * squared / (steps[index] * steps[index]);
            }
            before += groups;
        }
        return sum / _squares;

        double ShareOf(int index) => (double)format.Shares.AtLeast(index, WidthShares.Whole) / WidthShares.Whole;
    }

    /// <summary>
    /// The shares that make the variance least at so many stored bits an element on average: bits go, one step of width
    /// after the other, to where each lowers it most (water-filling). What a bit gains falls from step to step, so the
    /// order of gains is the best order.
    /// </summary>
    /// <param name="format">The code of the groups that get no more; without shares.</param>
    /// <param name="bits">Stored bits an element, at least the format's own.</param>
    /// <param name="stepsOf">Steps of a code with one width.</param>
    public WidthShares Allocate(PackFormat format, double bits, Func<PackFormat, double> stepsOf)
    {
        // All shares rounded up cost at most one 255th of each lift.
        var finest = (format.Uniform(CodeWidth.EightBits).StoredBits - format.StoredBits) / WidthShares.Whole;
        var below = format with
        {
            Shares = Shares(Fill(format, bits, stepsOf), share => Math.Floor(share + Tolerance)),
        };
        var above = format with
        {
            Shares = Shares(Fill(format, bits - finest, stepsOf), share => Math.Ceiling(share - Tolerance)),
        };
        return InverseSquaredSteps(below, stepsOf) <= InverseSquaredSteps(above, stepsOf) ? below.Shares : above.Shares;

        WidthShares Shares(double[] lifted, Func<double, double> round)
        {
            return new WidthShares(ShareOf(1), ShareOf(2), ShareOf(3));

            byte ShareOf(int index) => (byte)round(lifted[index] / _groups * WidthShares.Whole);
        }
    }

    /// <summary>Groups that are lifted to each class, in parts of groups.</summary>
    private double[] Fill(PackFormat format, double bits, Func<PackFormat, double> stepsOf)
    {
        var left = (bits - format.StoredBits) * _groups;
        var lifted = new double[WidthShares.Classes];
        foreach (var lift in Lifts(format, stepsOf).OrderByDescending(lift => lift.Gain))
        {
            if (left <= 0 || lift.Gain <= 0) break;
            var groups = Math.Min(lift.Groups, left / lift.Bits);
            lifted[lift.Class] += groups;
            left -= groups * lift.Bits;
        }
        return lifted;
    }

    /// <summary>Each bin from each width to the next one.</summary>
    private IEnumerable<(int Class, double Groups, double Bits, double Gain)> Lifts(
        PackFormat format, Func<PackFormat, double> stepsOf)
    {
        for (var index = 1; index < WidthShares.Classes; index++)
        {
            var (from, to) = (format.Uniform(format.WidthOf(index - 1)), format.Uniform(format.WidthOf(index)));
            var more = to.StoredBits - from.StoredBits;
            // A class that is no wider than the one before costs nothing and comes first.
            var gain = more > 0
                ? (Math.Pow(stepsOf(from), -2) - Math.Pow(stepsOf(to), -2)) / more
                : double.PositiveInfinity;
            foreach (var (squared, groups) in _bins)
                yield return (index, groups, Math.Max(more, double.Epsilon), more > 0 ? gain * squared : gain);
        }
    }
}
