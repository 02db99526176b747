namespace OnnxActNN.Rewriter.Planning;

/// <summary>In what form one consumer reads what is stored of a tensor.</summary>
public enum ReadForm
{
    /// <summary>The tensor itself, which stays.</summary>
    Tensor,

    /// <summary>Its dimensions.</summary>
    Dimensions,

    /// <summary>The values that the codes stand for.</summary>
    Values,

    /// <summary>1 where the code is not 0, else 0, in the tensor's type.</summary>
    Nonzero,

    /// <summary>The mask as a bool tensor.</summary>
    Bools,

    /// <summary>The stored bytes as they are; read by an operator that computes a gradient from them.</summary>
    Direct,

    /// <summary>What is computed again from other tensors' stores.</summary>
    Rebuilt,
}
