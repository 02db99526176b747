namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// How a saved tensor, or one consumer's share of it, is kept for the backward pass; from the least that a reader can
/// ask for to the most.
/// </summary>
public enum StorageDecision
{
    /// <summary>Only the dimensions.</summary>
    Shape,

    /// <summary>One bit per element, exact.</summary>
    Mask,

    /// <summary>An offset in the pooling window, exact.</summary>
    Index,

    /// <summary>
    /// Nothing, or its sign: computed again in the backward pass from what is stored of others, unbiased.
    /// </summary>
    Rebuild,

    /// <summary>A few bits per element, unbiased.</summary>
    Quantize,

    /// <summary>As computed.</summary>
    Exact,
}
