namespace OnnxActNN.Format;

/// <summary>What UnpackDequant gives back.</summary>
public enum UnpackOutput
{
    /// <summary>The decoded values.</summary>
    Value = 0,

    /// <summary>
    /// 1 where the code is not 0, else 0: exact for zero-exact tensors, and the only way to read a Relu mask from them
    /// (a decoded positive may come out ≤ 0). In a group with NaN or infinity all are NaN.
    /// </summary>
    Nonzero = 1,
}
