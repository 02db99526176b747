namespace OnnxActNN.Format;

/// <summary>
/// Attributes of IndexPack and MaxPoolIndexPack: those of the MaxPool that made the indices, or would make them.
/// </summary>
public static class PoolingAttributes
{
    /// <summary>ints: sizes of the window.</summary>
    public const string KernelShape = "kernel_shape";

    /// <summary>ints: steps between windows; 1 where left out.</summary>
    public const string Strides = "strides";

    /// <summary>ints: steps within a window; 1 where left out.</summary>
    public const string Dilations = "dilations";

    /// <summary>ints: padding at the beginning of each axis, then at the end; 0 where left out.</summary>
    public const string Pads = "pads";

    /// <summary>
    /// int, of MaxPoolIndexPack: 1 counts a last window that reaches behind the padding; 0 where left out.
    /// </summary>
    public const string CeilMode = "ceil_mode";

    /// <summary>
    /// int, of MaxPoolIndexPack: where the search for a window's largest element begins. 1: with its first one, which
    /// thus is the result where it is NaN, as in ONNX Runtime 1.31; 0, or left out: with the least finite number, as in
    /// 1.19.2.
    /// </summary>
    public const string FromFirst = "from_first";
}
