namespace OnnxActNN.Rewriter.Planning;

/// <summary>Which tensors are computed again in the backward pass.</summary>
public enum RebuildScope
{
    /// <summary>None.</summary>
    None,

    /// <summary>What batch normalization and Relu make of one packed tensor.</summary>
    Affine,

    /// <summary>Also residual sums, through the blocks before.</summary>
    Chain,
}
