using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;

namespace OnnxActNN.CustomOps.Profiling;

/// <summary>Adds up groups by channel, in tensors whose rows are single planes.</summary>
internal sealed class ChannelSums
{
    private long[] _elements = [];
    private double[] _sums = [];
    private double[] _squares = [];
    private double[] _squaredRanges = [];
    private long _plane;

    /// <summary>A run starts; one whose channels are others than before starts anew.</summary>
    public void Start(long[] dimensions, PackedLayout layout)
    {
        const int FirstSpatialAxis = 2;
        _plane = dimensions.Skip(FirstSpatialAxis).Aggregate(1L, (product, size) => product * size);
        var hasPlanes = dimensions.Length > FirstSpatialAxis && layout.RowLength == _plane && layout.Format.Layout == GroupLayout.Row;
        var channels = hasPlanes ? dimensions[1] : 0;
        if (channels == _elements.Length) return;
        _elements = new long[channels];
        (_sums, _squares, _squaredRanges) = (new double[channels], new double[channels], new double[channels]);
    }

    public void Add(in GroupSpan group, in MeasuredGroup measured)
    {
        if (_elements.Length == 0) return;
        var channel = group.Start / _plane % _elements.Length;
        var width = (double)measured.Range.Maximum - measured.Range.Minimum;
        _elements[channel] += group.Length;
        _sums[channel] += measured.Moments.Sum;
        _squares[channel] += measured.Moments.Squares;
        _squaredRanges[channel] += group.Length * width * width;
    }

    public ChannelProfile Build() => new()
    {
        Elements = [.. _elements],
        Sums = [.. _sums],
        Squares = [.. _squares],
        SquaredRanges = [.. _squaredRanges],
    };
}
