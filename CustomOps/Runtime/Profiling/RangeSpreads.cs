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
    private readonly Dictionary<int, long> _bins = [];
    private readonly Dictionary<int, long> _relativeBins = [];
    private readonly List<double> _relativeSamples = [];
    private bool _hasChannels;

    /// <summary>Groups by their squared range.</summary>
    public IReadOnlyDictionary<int, long> Bins => new SortedDictionary<int, long>(_bins);

    /// <summary>
    /// Groups by their squared range over their channel's mean; empty where groups do not lie in channels.
    /// </summary>
    public IReadOnlyDictionary<int, long> RelativeBins => new SortedDictionary<int, long>(_relativeBins);

    /// <summary>
    /// Sum over groups of elements · the same, per sample and run; empty where groups do not lie in channels.
    /// </summary>
    public IReadOnlyList<double> RelativeSamples => _hasChannels ? [.. _relativeSamples] : [];

    /// <summary>Adds one run.</summary>
    public void Add(PackedLayout layout, in GroupSelection selection, MeasuredGroup[] measured)
    {
        var first = _relativeSamples.Count;
        _relativeSamples.AddRange(Enumerable.Repeat(0.0, (int)layout.Samples));
        _hasChannels |= layout.Channels > 1;
        var (sums, counts) = (new double[layout.Channels], new long[layout.Channels]);
        for (var i = 0; i < measured.Length; i++)
        {
            if (!measured[i].Range.IsFinite) continue;
            var channel = layout.ChannelOf(GroupOf(layout, selection, i));
            sums[channel] += SquareOf(measured[i]);
            counts[channel]++;
        }
        for (var i = 0; i < measured.Length; i++)
        {
            if (!measured[i].Range.IsFinite || SquareOf(measured[i]) is not (> 0 and var square)) continue;
            Count(_bins, square);
            if (layout.Channels == 1) continue;
            var group = GroupOf(layout, selection, i);
            var channel = layout.ChannelOf(group);
            var relative = square / (sums[channel] / counts[channel]);
            Count(_relativeBins, relative);
            _relativeSamples[first + (int)layout.SampleOf(group)] += group.Length * relative;
        }
    }

    private static void Count(Dictionary<int, long> bins, double square)
    {
        var bin = RangeBins.Of(square);
        bins[bin] = bins.GetValueOrDefault(bin) + 1;
    }

    private static GroupSpan GroupOf(PackedLayout layout, in GroupSelection selection, int index) =>
        layout.Group(selection.Offset + (long)index * selection.Every);

    private static double SquareOf(in MeasuredGroup group)
    {
        var width = (double)group.Range.Maximum - group.Range.Minimum;
        return width * width;
    }
}
