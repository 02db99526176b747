namespace OnnxActNN.Rewriter.Planning;

/// <summary>Which tensors are computed again in the backward pass.</summary>
public enum RebuildScope
{
    /// <summary>None.</summary>
    None,

    /// <summary>What normalizations, Relu, Clip, Dropout, scaling and views make of one packed tensor.</summary>
    Affine,

    /// <summary>Also residual sums, through the blocks before.</summary>
    Chain,

    /// <summary>
    /// Also what a product with a parameter made of packed tensors: residual streams of transformers, at one more
    /// product per block.
    /// </summary>
    Product,
}
