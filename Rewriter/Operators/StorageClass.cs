namespace OnnxActNN.Rewriter.Operators;

/// <summary>How a tensor can be stored for a consumer.</summary>
public enum StorageClass
{
    /// <summary>Only its shape is needed; no element is kept.</summary>
    H,

    /// <summary>Its value, in a few bits, unbiased.</summary>
    Q,

    /// <summary>One bit per element: positive or not, kept or not.</summary>
    M,

    /// <summary>A bool tensor: one bit per element.</summary>
    B,

    /// <summary>Max-pool indices: offsets in the window.</summary>
    N,

    /// <summary>Computable from what is stored anyway.</summary>
    R,

    /// <summary>Exactly as computed.</summary>
    E,
}
