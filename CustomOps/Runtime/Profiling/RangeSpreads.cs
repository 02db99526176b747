using System.Runtime.InteropServices;
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
    private readonly List<Waiting> _waiting = [];
    private PackedLayout? _layout;
    private double[] _sums = [];
    private long[] _counts = [];
    private int _firstSample;
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

    /// <summary>A run starts.</summary>
    public void Start(PackedLayout layout)
    {
        _layout = layout;
        _firstSample = _relativeSamples.Count;
        CollectionsMarshal.SetCount(_relativeSamples, checked(_firstSample + (int)layout.Samples));
        CollectionsMarshal.AsSpan(_relativeSamples)[_firstSample..].Clear();
        _hasChannels |= layout.Channels > 1;
        (_sums, _counts) = (new double[layout.Channels], new long[layout.Channels]);
        _waiting.Clear();
    }

    /// <summary>Adds a group of the run.</summary>
    /// <param name="group">Where it lies.</param>
    /// <param name="sample">In which sample of the run.</param>
    /// <param name="squaredRange">The square of its range.</param>
    public void Add(in GroupSpan group, int sample, double squaredRange)
    {
        if (squaredRange > 0) _bins[RangeBins.Of(squaredRange) - RangeBins.Least]++;
        if (_counts.Length == 1) return;
        var channel = (int)_layout!.ChannelOf(group);
        _sums[channel] += squaredRange;
        _counts[channel]++;
        if (squaredRange > 0) _waiting.Add(new Waiting(sample, channel, group.Length, squaredRange));
    }

    /// <summary>The run ends: now the channels' means are known.</summary>
    public void Finish()
    {
        foreach (var group in _waiting)
        {
            var relative = group.SquaredRange / (_sums[group.Channel] / _counts[group.Channel]);
            _relativeBins[RangeBins.Of(relative) - RangeBins.Least]++;
            _relativeSamples[_firstSample + group.Sample] += group.Length * relative;
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

    /// <summary>A group that waits for the mean of its channel.</summary>
    private readonly record struct Waiting(int Sample, int Channel, long Length, double SquaredRange);
}
