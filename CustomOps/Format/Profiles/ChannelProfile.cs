namespace OnnxActNN.Format.Profiles;

/// <summary>
/// What was measured of each channel (index of axis 1) over all samples and runs, where each group lies within one
/// channel; else empty.
/// </summary>
public sealed record ChannelProfile
{
    /// <summary>Elements looked at.</summary>
    public IReadOnlyList<long> Elements { get; init; } = [];

    /// <summary>Sum.</summary>
    public IReadOnlyList<double> Sums { get; init; } = [];

    /// <summary>Sum of squares.</summary>
    public IReadOnlyList<double> Squares { get; init; } = [];

    /// <summary>Sum over groups of elements · (maximum − minimum)².</summary>
    public IReadOnlyList<double> SquaredRanges { get; init; } = [];

    /// <summary>Variance within a channel.</summary>
    public double VarianceOf(int channel)
    {
        var mean = Sums[channel] / Elements[channel];
        return Math.Max(0, Squares[channel] / Elements[channel] - mean * mean);
    }
}
