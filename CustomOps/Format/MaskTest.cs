namespace OnnxActNN.Format;

/// <summary>What MaskPack asks of an element.</summary>
public enum MaskTest
{
    /// <summary>x &gt; 0: the gradient of Relu and LeakyRelu.</summary>
    Positive,

    /// <summary>min ≤ x ≤ max: the gradient of Clip.</summary>
    Inside,

    /// <summary>x ≠ 0; bool tensors have no other test.</summary>
    Nonzero,
}
