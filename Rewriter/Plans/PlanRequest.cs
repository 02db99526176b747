using OnnxActNN.Format.Profiles;

namespace OnnxActNN.Rewriter.Plans;

/// <summary>What a plan is to be made for.</summary>
public sealed record PlanRequest
{
    /// <summary>What to keep to.</summary>
    public required PlanBudget Budget { get; init; }

    /// <summary>
    /// What was measured of the graph. Without it every element of every tensor counts the same, and no variance is
    /// predicted.
    /// </summary>
    public ActivationProfile? Profile { get; init; }

    /// <summary>
    /// Groups, rounding, sizes of named dimensions, and which tensors may be packed; the width is the plan's to choose.
    /// </summary>
    public RewriteOptions Rewrite { get; init; } = new();

    /// <summary>
    /// Lets the groups of one tensor have widths of their own, the largest ranges the widest, or, of a normalization's
    /// input, the largest in units of their channel's, where the profile knows how they spread.
    /// </summary>
    public bool PerGroup { get; init; }

    /// <summary>
    /// Lets the samples of one tensor have widths of their own, by the same ranges; both may be allowed.
    /// </summary>
    public bool PerSample { get; init; }

    /// <summary>
    /// Finds the best plan where the faster solver finds one within a per cent of it. Not used for peaks.
    /// </summary>
    public bool Exact { get; init; }
}
