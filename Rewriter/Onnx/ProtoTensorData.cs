using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>A constant in the form the file has it in: the message is shared with the writer, never copied.</summary>
internal sealed class ProtoTensorData : TensorData
{
    private readonly string _place;

    /// <exception cref="OnnxFormatException">Sizes are negative or too large, or the data does not have that many elements.</exception>
    public ProtoTensorData(TensorProto message, string place)
    {
        Message = message;
        _place = place;
        CheckSizes();
        CheckLength();
    }

    public TensorProto Message { get; }

    public override DataType ElementType => (DataType)Message.DataType;

    public override IReadOnlyList<long> Sizes => Message.Dims;

    public bool IsExternal => Message.DataLocation == TensorProto.Types.DataLocation.External;

    public override long[]? TryGetIntegers()
    {
        if (IsExternal) return null;
        var raw = Message.HasRawData ? Message.RawData.Span : default;
        return ElementType switch
        {
            DataType.Int64 when Message.HasRawData => MemoryMarshal.Cast<byte, long>(raw).ToArray(),
            DataType.Int64 => [.. Message.Int64Data],
            DataType.Int32 when Message.HasRawData => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(raw).ToArray(), element => (long)element),
            DataType.Bool or DataType.UInt8 when Message.HasRawData => Array.ConvertAll(raw.ToArray(), element => (long)element),
            DataType.Int8 when Message.HasRawData => Array.ConvertAll(raw.ToArray(), element => (long)(sbyte)element),
            DataType.Int32 or DataType.Bool or DataType.UInt8 or DataType.Int8 => [.. Message.Int32Data.Select(element => (long)element)],
            _ => null,
        };
    }

    public override double[]? TryGetFloats()
    {
        if (IsExternal) return null;
        var raw = Message.HasRawData ? Message.RawData.Span : default;
        return ElementType switch
        {
            DataType.Float when Message.HasRawData =>
                Array.ConvertAll(MemoryMarshal.Cast<byte, float>(raw).ToArray(), element => (double)element),
            DataType.Float => [.. Message.FloatData.Select(element => (double)element)],
            DataType.Double when Message.HasRawData => MemoryMarshal.Cast<byte, double>(raw).ToArray(),
            DataType.Double => [.. Message.DoubleData],
            DataType.Float16 when Message.HasRawData => HalfElements(raw),
            _ => null,
        };
    }

    private static double[] HalfElements(ReadOnlySpan<byte> raw)
    {
        var elements = new double[raw.Length / 2];
        for (var index = 0; index < elements.Length; index++)
            elements[index] = (double)BinaryPrimitives.ReadHalfLittleEndian(raw[(2 * index)..]);
        return elements;
    }

    private void CheckSizes()
    {
        UInt128 elements = 1;
        foreach (var size in Message.Dims)
        {
            if (size < 0) throw new OnnxFormatException(_place, $"dimension {size} is negative.");
            elements *= (ulong)size;
            if (elements > long.MaxValue) throw new OnnxFormatException(_place, "has more elements than 64 bits can count.");
        }
    }

    private void CheckLength()
    {
        if (IsExternal || Message.Segment is not null) return;
        if (Message.HasRawData)
        {
            var bits = ElementType.BitsOf();
            var expected = ((Int128)Length * bits + 7) / 8;
            if (bits > 0 && Message.RawData.Length != expected)
                throw new OnnxFormatException(_place, $"raw_data has {Message.RawData.Length} bytes; {Type} needs {expected}.");
            return;
        }
        var stored = ElementType switch
        {
            DataType.Float => Message.FloatData.Count,
            DataType.Double => Message.DoubleData.Count,
            DataType.Int64 => Message.Int64Data.Count,
            DataType.Int32 or DataType.Bool or DataType.UInt8 or DataType.Int8 => Message.Int32Data.Count,
            _ => Length,
        };
        if (stored != Length) throw new OnnxFormatException(_place, $"has {stored} elements; {Type} needs {Length}.");
    }
}
