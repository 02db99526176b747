using OnnxActNN.CustomOps.Cpu.Profiling;
using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;

namespace OnnxActNN.CustomOps.Profiling;

/// <summary>
/// How groups and samples spread by what widths are ranked by: squared ranges, and squared ranges over the mean of
/// their channel's in the same run.
/// </summary>
internal sealed class RangeSpreads
{
    private readonly long[] _bins = new long[RangeBins.Count];
    private readonly long[] _relativeBins = new long[RangeBins.Count];
    private readonly List<double> _relativeSamples = [];
    private bool _hasChannels;

    /// <summary>Groups by their squared range.</summary>
    public IReadOnlyDictionary<int, long> Bins => Filled(_bins);

    /// <summary>
    /// Groups by their squared range over their channel's mean; empty where groups do not lie in channels.
    /// </summary>
    public IReadOnlyDictionary<int, long> RelativeBins => Filled(_relativeBins);

    /// <summary>
    /// Sum over groups of elements · the same, per sample and run; empty where groups do not lie in channels.
    /// </summary>
    public IReadOnlyList<double> RelativeSamples => _hasChannels ? [.. _relativeSamples] : [];

    /// <summary>Adds one run.</summary>
    public void Add(PackedLayout layout, in GroupSelection selection, ReadOnlySpan<MeasuredGroup> measured)
    {
        var first = _relativeSamples.Count;
        _relativeSamples.AddRange(Enumerable.Repeat(0.0, (int)layout.Samples));
        _hasChannels |= layout.Channels > 1;
        var (sums, counts) = (new double[layout.Channels], new long[layout.Channels]);
        for (var i = 0; i < measured.Length; i++)
        {
            if (!measured[i].Range.IsFinite) continue;
            var channel = layout.ChannelOf(selection.Group(layout, i));
            sums[channel] += SquareOf(measured[i]);
            counts[channel]++;
        }
        for (var i = 0; i < measured.Length; i++)
        {
            if (!measured[i].Range.IsFinite || SquareOf(measured[i]) is not (> 0 and var square)) continue;
            _bins[RangeBins.Of(square) - RangeBins.Least]++;
            if (layout.Channels == 1) continue;
            var group = selection.Group(layout, i);
            var channel = layout.ChannelOf(group);
            var relative = square / (sums[channel] / counts[channel]);
            _relativeBins[RangeBins.Of(relative) - RangeBins.Least]++;
            _relativeSamples[first + (int)layout.SampleOf(group)] += group.Length * relative;
        }
    }

    private static SortedDictionary<int, long> Filled(long[] counts)
    {
        var bins = new SortedDictionary<int, long>();
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] > 0) bins.Add(RangeBins.Least + i, counts[i]);
        }
        return bins;
    }

    private static double SquareOf(in MeasuredGroup group)
    {
        var width = (double)group.Range.Maximum - group.Range.Minimum;
        return width * width;
    }
}
