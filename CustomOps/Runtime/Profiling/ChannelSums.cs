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
    private long _planeEnd;
    private long _channel;

    /// <summary>A run starts; one whose channels are others than before starts anew.</summary>
    public void Start(long[] dimensions, PackedLayout layout)
    {
        const int FirstSpatialAxis = 2;
        _planeEnd = 0;
        _plane = dimensions.Skip(FirstSpatialAxis).Aggregate(1L, (product, size) => product * size);
        var hasPlanes = dimensions.Length > FirstSpatialAxis && layout.RowLength == _plane
            && layout.Format.Layout == GroupLayout.Row;
        var channels = hasPlanes ? dimensions[1] : 0;
        if (channels == _elements.Length) return;
        _elements = new long[channels];
        (_sums, _squares, _squaredRanges) = (new double[channels], new double[channels], new double[channels]);
    }

    /// <summary>Adds a group; they come in the order of the tensor.</summary>
    /// <param name="group">Where it lies.</param>
    /// <param name="moments">Its sums.</param>
    /// <param name="squaredRange">Its elements · range².</param>
    public void Add(in GroupSpan group, in GroupMoments moments, double squaredRange)
    {
        if (_elements.Length == 0) return;
        if (group.Start >= _planeEnd)
        {
            var plane = group.Start / _plane;
            (_channel, _planeEnd) = (plane % _elements.Length, (plane + 1) * _plane);
        }
        _elements[_channel] += group.Length;
        _sums[_channel] += moments.Sum;
        _squares[_channel] += moments.Squares;
        _squaredRanges[_channel] += squaredRange;
    }

    public ChannelProfile Build() => new()
    {
        Elements = [.. _elements],
        Sums = [.. _sums],
        Squares = [.. _squares],
        SquaredRanges = [.. _squaredRanges],
    };
}
