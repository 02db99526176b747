namespace OnnxActNN.Format;

/// <summary>Attributes of IndexPack and MaxPoolIndexPack: those of the MaxPool that made the indices, or would make them.</summary>
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
}
