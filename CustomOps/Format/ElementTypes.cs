namespace OnnxActNN.Format;

/// <summary>Facts about <see cref="ElementType"/>.</summary>
public static class ElementTypes
{
    /// <summary>Whether the number is one that the operators take.</summary>
    public static bool IsSupported(ElementType type) =>
        type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 or ElementType.Float64;

    /// <summary>Size of one element in bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not one of the enumeration's.</exception>
    public static int SizeOf(ElementType type) => type switch
    {
        ElementType.Float32 => 4,
        ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Only floating-point tensors can be packed."),
    };

    /// <summary>
    /// Largest magnitude that a decoded value may have: the type's own maximum, for float64 that of float32, in which
    /// the code is computed. A group that could decode to more decodes to NaN.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is not one of the enumeration's.</exception>
    public static float LargestDecoded(ElementType type) => type switch
    {
        ElementType.Float32 or ElementType.Float64 => float.MaxValue,
        ElementType.Float16 => 65504f,
        ElementType.BFloat16 => 3.38953139e38f,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Only floating-point tensors can be packed."),
    };
}
