namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// How a saved tensor, or one consumer's share of it, is kept for the backward pass; from the cheapest to the dearest.
/// </summary>
public enum StorageDecision
{
    /// <summary>Only the dimensions.</summary>
    Shape,

    /// <summary>Nothing: computed again in the backward pass.</summary>
    Rebuild,

    /// <summary>One bit per element, exact.</summary>
    Mask,

    /// <summary>An offset in the pooling window, exact.</summary>
    Index,

    /// <summary>A few bits per element, unbiased.</summary>
    Quantize,

    /// <summary>As computed.</summary>
    Exact,
}
