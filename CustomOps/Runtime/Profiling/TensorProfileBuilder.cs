using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;

namespace OnnxActNN.CustomOps.Profiling;

/// <summary>
/// Merges what one node measured in its runs. Not safe from several threads; the sink's lock is around it.
/// </summary>
internal sealed class TensorProfileBuilder(string name, ProfileRole role)
{
    /// <summary>Exponents of float64, biased.</summary>
    private const int Exponents = 2048;

    private const int ExponentBias = 1023;
    private const int MantissaBits = 52;

    private readonly List<SampleSums> _samples = [];
    private readonly long[] _rangeExponents = new long[Exponents];
    private readonly ChannelSums _channels = new();
    private readonly RangeSpreads _spreads = new();
    private long[] _dimensions = [];
    private long _runs;
    private long _totalElements;
    private long _groups;
    private long _zeros;
    private long _nonFinite;
    private double _relativeRanges;
    private double _peakedSums;
    private double _rangesOfWhole;
    private double _peaksOfWhole;
    private double _rangesOfPieces;
    private double _peaksOfPieces;
    private double _rangesOfPairs;
    private double _peaksOfPairs;
    private bool _hasPieces;

    /// <summary>Adds one run.</summary>
    /// <param name="dimensions">Dimensions of the tensor.</param>
    /// <param name="layout">Its groups.</param>
    /// <param name="selection">Those that were measured.</param>
    /// <param name="measured">Their results, in order.</param>
    /// <param name="pieces">What pieces of some of them span; empty where that was not measured.</param>
    /// <param name="nonFiniteIn">Counts NaN and infinities in the measured group of that number.</param>
    public void Add(
        long[] dimensions, PackedLayout layout, in GroupSelection selection, ReadOnlySpan<MeasuredGroup> measured,
        ReadOnlySpan<FineRanges> pieces, Func<int, long> nonFiniteIn)
    {
        _dimensions = dimensions;
        _runs++;
        _totalElements += layout.ElementCount;
        var count = dimensions.Length > 0 ? dimensions[0] : 1;
        if (layout.ElementCount == 0 || count > int.MaxValue) return;
        var first = _samples.Count;
        CollectionsMarshal.SetCount(_samples, checked(first + (int)count));
        if (role == ProfileRole.Activation)
        {
            _channels.Start(dimensions, layout);
            _spreads.Start(layout);
        }
        _groups += measured.Length;
        var samples = CollectionsMarshal.AsSpan(_samples)[first..];
        samples.Fill(SampleSums.Empty);
        var (length, sample, end) = (layout.ElementCount / count, 0, layout.ElementCount / count);
        for (var i = 0; i < measured.Length; i++)
        {
            var group = selection.Group(layout, i);
            for (; group.Start >= end; end += length) sample++;
            if (measured[i].Range.IsFinite)
                Add(ref samples[sample], sample, group, measured[i]);
            else
                _nonFinite += nonFiniteIn(i);
        }
        if (role == ProfileRole.Activation) _spreads.Finish();
        for (var i = 0; i < pieces.Length; i++)
        {
            if (measured[i * GroupMeasurements.PiecesEvery].Range.IsFinite) AddPieces(pieces[i]);
        }
    }

    /// <summary>The result so far.</summary>
    public TensorProfile Build()
    {
        var isActivation = role == ProfileRole.Activation;
        return new TensorProfile
        {
            Name = name,
            Role = role,
            Dimensions = _dimensions,
            Runs = _runs,
            TotalElements = _totalElements,
            Elements = _samples.Sum(sample => sample.Elements),
            Groups = _groups,
            Zeros = _zeros,
            NonFinite = _nonFinite,
            Minimum = isActivation && _samples.Count > 0 ? _samples.Min(sample => sample.Minimum) : 0,
            Maximum = isActivation && _samples.Count > 0 ? _samples.Max(sample => sample.Maximum) : 0,
            RelativeRanges = _relativeRanges,
            SquaredRangeBins = _spreads.Bins,
            RelativeRangeBins = _spreads.RelativeBins,
            PeakedSums = _peakedSums,
            Finer = _hasPieces
                ? [Finer(FineRanges.Piece, _rangesOfPieces, _peaksOfPieces),
                Finer(2 * FineRanges.Piece, _rangesOfPairs, _peaksOfPairs)]
                : [],
            RangeExponents = new SortedDictionary<int, long>(
                Enumerable.Range(0, Exponents).Where(exponent => _rangeExponents[exponent] > 0)
                .ToDictionary(exponent => exponent - ExponentBias, exponent => _rangeExponents[exponent])),
            Channels = _channels.Build(),
            Samples = new SampleProfile
            {
                Elements = OfSamples(sample => sample.Elements),
                Squares = OfSamples(sample => sample.Squares),
                SquaredRanges = isActivation ? OfSamples(sample => sample.SquaredRanges) : [],
                RelativeRanges = _spreads.RelativeSamples,
                SquaredPeaks = isActivation ? OfSamples(sample => sample.SquaredPeaks) : [],
                Minimum = isActivation ? OfSamples(sample => sample.Minimum) : [],
                Maximum = isActivation ? OfSamples(sample => sample.Maximum) : [],
            },
        };
    }

    /// <summary>
    /// Sums of pieces are of some of the groups; what they are of those groups' own, they are of all.
    /// </summary>
    private FinerGroups Finer(int size, double ranges, double peaks) => new(
        size,
        Part(ranges, _rangesOfWhole, _samples.Sum(sample => sample.SquaredRanges)),
        Part(peaks, _peaksOfWhole, _samples.Sum(sample => sample.SquaredPeaks)));

    private static double Part(double pieces, double whole, double total) => whole > 0 ? pieces / whole * total : total;

    private T[] OfSamples<T>(Func<SampleSums, T> read) => [.. _samples.Select(read)];

    private void AddPieces(in FineRanges fine)
    {
        _hasPieces = true;
        _rangesOfWhole += fine.WholeRanges;
        _peaksOfWhole += fine.WholePeaks;
        _rangesOfPieces += fine.SquaredRanges;
        _peaksOfPieces += fine.SquaredPeaks;
        _rangesOfPairs += fine.SquaredRangesOfPairs;
        _peaksOfPairs += fine.SquaredPeaksOfPairs;
    }

    private void Add(ref SampleSums sums, int sample, in GroupSpan group, in MeasuredGroup measured)
    {
        var (range, moments) = (measured.Range, measured.Moments);
        sums.Elements += group.Length;
        sums.Squares += moments.Squares;
        if (role != ProfileRole.Activation) return;
        var width = (double)range.Maximum - range.Minimum;
        var squared = group.Length * width * width;
        var peak = Math.Max(Math.Abs((double)range.Minimum), range.Maximum);
        sums.Minimum = Math.Min(sums.Minimum, range.Minimum);
        sums.Maximum = Math.Max(sums.Maximum, range.Maximum);
        sums.SquaredRanges += squared;
        sums.SquaredPeaks += (group.Length - moments.Zeros) * peak * peak;
        _zeros += moments.Zeros;
        _peakedSums += peak * moments.Sum;
        _channels.Add(group, moments, squared);
        _spreads.Add(group, sample, width * width);
        if (width <= 0) return;
        // A difference of two float32 is a normal float64: its exponent stands in its bits.
        _rangeExponents[BitConverter.DoubleToInt64Bits(width) >> MantissaBits]++;
        var mean = moments.Sum / group.Length;
        if (moments.Squares / group.Length - mean * mean is > 0 and var variance) _relativeRanges += squared / variance;
    }
}
