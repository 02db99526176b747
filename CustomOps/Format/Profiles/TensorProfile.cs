namespace OnnxActNN.Format.Profiles;

/// <summary>What ActProfile measured of one tensor, over all runs.</summary>
public sealed record TensorProfile
{
    /// <summary>
    /// Name of the value in the original graph. Of a loss's log-probabilities the probabilities are measured, which are
    /// what is coded.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>Saved tensor or gradient.</summary>
    public required ProfileRole Role { get; init; }

    /// <summary>Dimensions in the last run.</summary>
    public required IReadOnlyList<long> Dimensions { get; init; }

    /// <summary>Runs that were merged.</summary>
    public required long Runs { get; init; }

    /// <summary>Elements of all runs.</summary>
    public required long TotalElements { get; init; }

    /// <summary>Elements that were looked at; fewer than the total where groups are sampled.</summary>
    public required long Elements { get; init; }

    /// <summary>Groups that were looked at.</summary>
    public required long Groups { get; init; }

    /// <summary>Elements that are 0, of those looked at; 0 for gradients.</summary>
    public required long Zeros { get; init; }

    /// <summary>Elements that are NaN or infinite; the groups with them take part in no sum and no extreme.</summary>
    public required long NonFinite { get; init; }

    /// <summary>Smallest value; 0 for gradients.</summary>
    public required float Minimum { get; init; }

    /// <summary>Largest value; 0 for gradients.</summary>
    public required float Maximum { get; init; }

    /// <summary>
    /// Sum over groups of elements · (range² / variance within the group): how wide the range is in units of the
    /// group's own spread. Groups of one value do not count. 0 for gradients.
    /// </summary>
    public required double RelativeRanges { get; init; }

    /// <summary>Sum over groups of (largest magnitude) · (sum of the elements). 0 for gradients.</summary>
    public required double PeakedSums { get; init; }

    /// <summary>
    /// Groups by the exponent of their range: the range is in [2^e, 2^(e+1)). Constant groups have none. Empty for
    /// gradients.
    /// </summary>
    public required IReadOnlyDictionary<int, long> RangeExponents { get; init; }

    /// <summary>
    /// Groups by range², in bins of <see cref="RangeBins"/>. Groups of one value have none. Empty for gradients.
    /// </summary>
    public IReadOnlyDictionary<int, long> SquaredRangeBins { get; init; } = new Dictionary<int, long>();

    /// <summary>
    /// Groups by range² over the mean of range² over their channel's groups of the run, in the same bins. Empty for
    /// gradients, and where groups do not lie within a channel.
    /// </summary>
    public IReadOnlyDictionary<int, long> RelativeRangeBins { get; init; } = new Dictionary<int, long>();

    /// <summary>
    /// What smaller groups would span; empty for gradients, and where the profiler ran on a CUDA device.
    /// </summary>
    public IReadOnlyList<FinerGroups> Finer { get; init; } = [];

    /// <summary>The sums of each channel; empty for gradients.</summary>
    public ChannelProfile Channels { get; init; } = new();

    /// <summary>The sums of each sample.</summary>
    public required SampleProfile Samples { get; init; }

    /// <summary>Sum over all groups looked at of elements · (maximum − minimum)².</summary>
    public double SquaredRangesTotal => Samples.SquaredRanges.Sum();

    /// <summary>Mean of the squares.</summary>
    public double MeanSquare => Elements == 0 ? 0 : Samples.Squares.Sum() / Elements;

    /// <summary>Share of the elements that were looked at.</summary>
    public double SampledFraction => TotalElements == 0 ? 1 : (double)Elements / TotalElements;
}
