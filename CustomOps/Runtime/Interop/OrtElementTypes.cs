namespace OnnxActNN.CustomOps.Interop;

/// <summary>Facts about <see cref="OrtElementType"/>.</summary>
internal static class OrtElementTypes
{
    /// <summary>What can be quantized; the numbers are those of <see cref="Format.ElementType"/>.</summary>
    public static readonly OrtElementType[] Quantizable =
    [
        OrtElementType.Float32, OrtElementType.Float16, OrtElementType.BFloat16, OrtElementType.Float64,
    ];

    /// <summary>Everything with elements of a fixed size.</summary>
    public static readonly OrtElementType[] FixedSize =
    [
        .. Enum.GetValues<OrtElementType>()
            .Where(type => type is not (OrtElementType.Undefined or OrtElementType.String)),
    ];

    /// <summary>Bytes per element.</summary>
    public static int BytesOf(OrtElementType type) => type switch
    {
        OrtElementType.UInt8 or OrtElementType.Int8 or OrtElementType.Bool => 1,
        OrtElementType.UInt16 or OrtElementType.Int16 or OrtElementType.Float16 or OrtElementType.BFloat16 => 2,
        OrtElementType.Float32 or OrtElementType.Int32 or OrtElementType.UInt32 => 4,
        OrtElementType.Float64 or OrtElementType.Int64 or OrtElementType.UInt64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Elements of this type have no fixed size."),
    };
}
