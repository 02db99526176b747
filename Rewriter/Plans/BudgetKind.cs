namespace OnnxActNN.Rewriter.Plans;

/// <summary>What a plan keeps to.</summary>
public enum BudgetKind
{
    /// <summary>
    /// Code bits per element on average over the planned tensors; the metadata of the groups that a rewrite without a
    /// plan makes come on top, as ActNN counts.
    /// </summary>
    AverageBits,

    /// <summary>Bytes that are kept for the backward pass.</summary>
    SavedBytes,

    /// <summary>
    /// How many times fewer bytes are kept than the original keeps. The plan names the <see cref="SavedBytes"/> that
    /// this comes to.
    /// </summary>
    SavedRatio,

    /// <summary>Most bytes alive at once within a step, what stays between steps not counted.</summary>
    PeakBytes,

    /// <summary>Added variance over the squared norm of the gradient: as few bytes as that allows.</summary>
    Variance,
}
