using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;

namespace OnnxActNN.CustomOps.Profiling;

/// <summary>Merges what one node measured in its runs. Not safe from several threads; the sink's lock is around it.</summary>
internal sealed class TensorProfileBuilder(string name, ProfileRole role)
{
    /// <summary>Exponents of float64, biased.</summary>
    private const int Exponents = 2048;

    private const int ExponentBias = 1023;
    private const int MantissaBits = 52;

    private readonly List<long> _elements = [];
    private readonly List<double> _squares = [];
    private readonly List<double> _squaredRanges = [];
    private readonly List<double> _squaredPeaks = [];
    private readonly List<float> _minimum = [];
    private readonly List<float> _maximum = [];
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
    /// <param name="fine">What their pieces span; empty where that was not measured.</param>
    /// <param name="nonFiniteIn">Counts NaN and infinities in the measured group of that number.</param>
    public void Add(
        long[] dimensions, PackedLayout layout, in GroupSelection selection, MeasuredGroup[] measured,
        FineRanges[] fine, Func<int, long> nonFiniteIn)
    {
        _dimensions = dimensions;
        _runs++;
        _totalElements += layout.ElementCount;
        var samples = dimensions.Length > 0 ? dimensions[0] : 1;
        if (layout.ElementCount == 0 || samples > int.MaxValue) return;
        var first = _elements.Count;
        AddSamples((int)samples);
        _channels.Start(dimensions, layout);
        if (role == ProfileRole.Activation) _spreads.Add(layout, selection, measured);
        var sampleElements = layout.ElementCount / samples;
        for (var i = 0; i < measured.Length; i++)
        {
            var group = layout.Group(selection.Offset + (long)i * selection.Every);
            _groups++;
            var sample = first + (int)(group.Start / sampleElements);
            if (!measured[i].Range.IsFinite)
            {
                _nonFinite += nonFiniteIn(i);
                continue;
            }
            AddGroup(sample, group.Length, measured[i]);
            if (fine.Length > 0) AddFine(fine[i]);
            _channels.Add(group, measured[i]);
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
            Elements = _elements.Sum(),
            Groups = _groups,
            Zeros = _zeros,
            NonFinite = _nonFinite,
            Minimum = isActivation ? _minimum.DefaultIfEmpty().Min() : 0,
            Maximum = isActivation ? _maximum.DefaultIfEmpty().Max() : 0,
            RelativeRanges = _relativeRanges,
            SquaredRangeBins = _spreads.Bins,
            RelativeRangeBins = _spreads.RelativeBins,
            PeakedSums = _peakedSums,
            Finer = _hasPieces
                ? [Finer(FineRanges.Piece, _rangesOfPieces, _peaksOfPieces), Finer(2 * FineRanges.Piece, _rangesOfPairs, _peaksOfPairs)]
                : [],
            RangeExponents = new SortedDictionary<int, long>(Enumerable.Range(0, Exponents).Where(exponent => _rangeExponents[exponent] > 0)
                .ToDictionary(exponent => exponent - ExponentBias, exponent => _rangeExponents[exponent])),
            Channels = _channels.Build(),
            Samples = new SampleProfile
            {
                Elements = [.. _elements],
                Squares = [.. _squares],
                SquaredRanges = isActivation ? [.. _squaredRanges] : [],
                RelativeRanges = _spreads.RelativeSamples,
                SquaredPeaks = isActivation ? [.. _squaredPeaks] : [],
                Minimum = isActivation ? [.. _minimum] : [],
                Maximum = isActivation ? [.. _maximum] : [],
            },
        };
    }

    /// <summary>Sums of pieces are of some of the groups; what they are of those groups' own, they are of all.</summary>
    private FinerGroups Finer(int size, double ranges, double peaks) => new(
        size, Part(ranges, _rangesOfWhole, _squaredRanges.Sum()), Part(peaks, _peaksOfWhole, _squaredPeaks.Sum()));

    private static double Part(double pieces, double whole, double total) => whole > 0 ? pieces / whole * total : total;

    private void AddSamples(int samples)
    {
        _elements.AddRange(Enumerable.Repeat(0L, samples));
        _minimum.AddRange(Enumerable.Repeat(float.PositiveInfinity, samples));
        _maximum.AddRange(Enumerable.Repeat(float.NegativeInfinity, samples));
        foreach (var list in (List<double>[])[_squares, _squaredRanges, _squaredPeaks]) list.AddRange(Enumerable.Repeat(0.0, samples));
    }

    private void AddFine(in FineRanges fine)
    {
        _hasPieces = true;
        _rangesOfWhole += fine.WholeRanges;
        _peaksOfWhole += fine.WholePeaks;
        _rangesOfPieces += fine.SquaredRanges;
        _peaksOfPieces += fine.SquaredPeaks;
        _rangesOfPairs += fine.SquaredRangesOfPairs;
        _peaksOfPairs += fine.SquaredPeaksOfPairs;
    }

    private void AddGroup(int sample, int length, in MeasuredGroup group)
    {
        var (range, moments) = (group.Range, group.Moments);
        _elements[sample] += length;
        _squares[sample] += moments.Squares;
        _zeros += moments.Zeros;
        if (role != ProfileRole.Activation) return;
        _minimum[sample] = Math.Min(_minimum[sample], range.Minimum);
        _maximum[sample] = Math.Max(_maximum[sample], range.Maximum);
        var width = (double)range.Maximum - range.Minimum;
        var peak = Math.Max(Math.Abs((double)range.Minimum), range.Maximum);
        _squaredRanges[sample] += length * width * width;
        _squaredPeaks[sample] += (length - moments.Zeros) * peak * peak;
        _peakedSums += peak * moments.Sum;
        var mean = moments.Sum / length;
        var variance = moments.Squares / length - mean * mean;
        if (!(width > 0)) return;
        // A difference of two float32 is a normal float64: its exponent stands in its bits.
        _rangeExponents[BitConverter.DoubleToInt64Bits(width) >> MantissaBits]++;
        if (variance > 0) _relativeRanges += length * width * width / variance;
    }
}
