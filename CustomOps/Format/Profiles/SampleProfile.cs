namespace OnnxActNN.Format.Profiles;

/// <summary>
/// What was measured of each sample (index of the outermost axis), one entry per sample and run, in the order of the
/// runs. A group that runs across samples counts for the one that it begins in. With sampled groups, sums are of the
/// groups looked at.
/// </summary>
public sealed record SampleProfile
{
    /// <summary>Elements looked at.</summary>
    public IReadOnlyList<long> Elements { get; init; } = [];

    /// <summary>Sum of squares.</summary>
    public IReadOnlyList<double> Squares { get; init; } = [];

    /// <summary>
    /// Sum over groups of elements · (maximum − minimum)²: ActNN's R², weighted by elements. Empty for gradients.
    /// </summary>
    public IReadOnlyList<double> SquaredRanges { get; init; } = [];

    /// <summary>
    /// Sum over groups of elements · range² over the mean of range² over their channel's groups of the run. Empty for
    /// gradients, and where groups do not lie within a channel.
    /// </summary>
    public IReadOnlyList<double> RelativeRanges { get; init; } = [];

    /// <summary>Sum over groups of (elements that are not 0) · (largest magnitude)². Empty for gradients.</summary>
    public IReadOnlyList<double> SquaredPeaks { get; init; } = [];

    /// <summary>Smallest finite value. Empty for gradients.</summary>
    public IReadOnlyList<float> Minimum { get; init; } = [];

    /// <summary>Largest finite value. Empty for gradients.</summary>
    public IReadOnlyList<float> Maximum { get; init; } = [];
}
