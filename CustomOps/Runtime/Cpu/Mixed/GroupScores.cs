using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Mixed;

/// <summary>
/// What groups count by where not by their range alone: the squared range over the mean of the channel's, which makes a
/// mean of 1. In orders that are not relative the whole tensor is one channel.
/// </summary>
/// <remarks>
/// With r a group's range over the largest of the channel, in float64, its score is
/// r² · 2³⁰ / (sum of floor(r² · 2³⁰) / groups of the channel), and that of a sample the sum of
/// elements · floor(score · 2¹⁶) / (elements of the sample · 2¹⁶). Sums are of integers, so their order, and with it a
/// device's, makes no difference. Groups that are not finite count as 0.
/// </remarks>
internal sealed unsafe class GroupScores
{
    /// <summary>What the largest square of a channel counts: the sum of 2³² of them fits.</summary>
    private const double One = 1 << 30;

    /// <summary>Scores are at most the number of groups, so that a sum over 2⁴⁶ elements fits.</summary>
    private const double SampleOne = 1 << 16;

    private readonly GroupRange* _ranges;
    private readonly PackedLayout _layout;
    private readonly float[] _largest;
    private readonly long[] _sums;

    public GroupScores(GroupRange* ranges, PackedLayout layout)
    {
        _ranges = ranges;
        _layout = layout;
        var channels = layout.Format.Order.IsRelative() ? layout.Channels : 1;
        (_largest, _sums) = (new float[channels], new long[channels]);
        // Two walks, and a third for the scores: parts of the largest range are added up, and a score is of their sum.
        for (long group = 0; group < layout.GroupCount; group++)
        {
            ref var largest = ref _largest[ChannelOf(layout.Group(group))];
            largest = Math.Max(largest, WidthOf(group));
        }
        for (long group = 0; group < layout.GroupCount; group++)
        {
            var channel = ChannelOf(layout.Group(group));
            _sums[channel] += (long)(SquareOf(group, channel) * One);
        }
    }

    /// <summary>The score of a group; at most the number of groups.</summary>
    public double Of(long group) => Of(group, _layout.Group(group));

    /// <summary>The score of each sample.</summary>
    public double[] OfSamples()
    {
        var sums = new long[_layout.Samples];
        for (long group = 0; group < _layout.GroupCount; group++)
        {
            var span = _layout.Group(group);
            sums[_layout.SampleOf(span)] += span.Length * (long)(Of(group, span) * SampleOne);
        }
        var elements = (double)(_layout.ElementCount / _layout.Samples) * SampleOne;
        return Array.ConvertAll(sums, sum => sum / elements);
    }

    private double Of(long group, in GroupSpan span)
    {
        var channel = ChannelOf(span);
        var mean = (double)_sums[channel] / (_layout.GroupCount / _sums.Length);
        return _sums[channel] > 0 ? SquareOf(group, channel) * One / mean : 0;
    }

    private double SquareOf(long group, long channel)
    {
        if (_largest[channel] == 0) return 0;
        var part = (double)WidthOf(group) / _largest[channel];
        return part * part;
    }

    private long ChannelOf(in GroupSpan group) => _sums.Length == 1 ? 0 : _layout.ChannelOf(group);

    /// <summary>A range of more than a float32 counts as the largest one.</summary>
    private float WidthOf(long group) =>
        _ranges[group].IsFinite ? Math.Min(_ranges[group].Maximum - _ranges[group].Minimum, float.MaxValue) : 0;
}
