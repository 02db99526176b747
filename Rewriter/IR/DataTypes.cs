namespace OnnxActNN.Rewriter.IR;

/// <summary>Facts about element types.</summary>
internal static class DataTypes
{
    /// <summary>Bits one element takes in memory; 0 where the size is not fixed (strings, undefined).</summary>
    public static int BitsOf(this DataType type) => type switch
    {
        DataType.Float or DataType.Int32 or DataType.UInt32 => 32,
        DataType.Double or DataType.Int64 or DataType.UInt64 or DataType.Complex64 => 64,
        DataType.Complex128 => 128,
        DataType.Float16 or DataType.BFloat16 or DataType.Int16 or DataType.UInt16 => 16,
        DataType.UInt8 or DataType.Int8 or DataType.Bool => 8,
        DataType.Float8E4M3FN or DataType.Float8E4M3FNUZ or DataType.Float8E5M2 or DataType.Float8E5M2FNUZ
            or DataType.Float8E8M0 => 8,
        DataType.Float6E2M3 or DataType.Float6E3M2 => 6,
        DataType.UInt4 or DataType.Int4 or DataType.Float4E2M1 => 4,
        DataType.UInt2 or DataType.Int2 => 2,
        _ => 0,
    };

    /// <summary>The types QuantizePack has overloads for.</summary>
    public static bool IsPackableFloat(this DataType type) =>
        type is DataType.Float or DataType.Float16 or DataType.BFloat16 or DataType.Double;

    /// <summary>The name users know from NumPy (<c>float32</c>, <c>int64</c>).</summary>
    public static string DisplayName(this DataType type) => type switch
    {
        DataType.Float => "float32",
        DataType.Double => "float64",
        _ => type.ToString().ToLowerInvariant(),
    };
}
