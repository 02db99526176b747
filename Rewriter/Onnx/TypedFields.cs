using System.Runtime.InteropServices;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>
/// Elements that a tensor message keeps in a typed field (<c>float_data</c> and so on) and not in <c>raw_data</c>.
/// Which field holds which type, and how many entries an element takes, is the standard's choice (comments of
/// TensorProto).
/// </summary>
internal static class TypedFields
{
    /// <summary>Entries in the field that belongs to the tensor's type.</summary>
    public static int CountEntries(TensorProto message) => (DataType)message.DataType switch
    {
        DataType.Float or DataType.Complex64 => message.FloatData.Count,
        DataType.Double or DataType.Complex128 => message.DoubleData.Count,
        DataType.Int64 => message.Int64Data.Count,
        DataType.UInt32 or DataType.UInt64 => message.Uint64Data.Count,
        DataType.String => message.StringData.Count,
        _ => message.Int32Data.Count,
    };

    /// <summary>Entries that so many elements take: complex numbers two, elements below a byte share one.</summary>
    public static Int128 EntriesFor(DataType type, long elements) => type switch
    {
        DataType.Complex64 or DataType.Complex128 => (Int128)elements * 2,
        _ when type.BitsOf() is > 0 and < 8 and var bits => ((Int128)elements * bits + 7) / 8,
        _ => elements,
    };

    /// <summary>The elements in the form of <c>raw_data</c>: little endian, elements below a byte packed.</summary>
    public static byte[] ToRaw(TensorProto message) => ((DataType)message.DataType) switch
    {
        DataType.Float or DataType.Complex64 => Bytes<float>([.. message.FloatData]),
        DataType.Double or DataType.Complex128 => Bytes<double>([.. message.DoubleData]),
        DataType.Int64 => Bytes<long>([.. message.Int64Data]),
        DataType.UInt64 => Bytes<ulong>([.. message.Uint64Data]),
        DataType.UInt32 => Bytes<uint>([.. message.Uint64Data.Select(element => (uint)element)]),
        DataType.Int32 => Bytes<int>([.. message.Int32Data]),
        DataType.Int16 or DataType.UInt16 or DataType.Float16 or DataType.BFloat16 =>
            Bytes<ushort>([.. message.Int32Data.Select(element => (ushort)element)]),
        _ => [.. message.Int32Data.Select(element => (byte)element)],
    };

    private static byte[] Bytes<T>(T[] elements)
        where T : unmanaged => MemoryMarshal.AsBytes(elements.AsSpan()).ToArray();
}
