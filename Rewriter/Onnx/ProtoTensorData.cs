using System.Numerics;
using System.Runtime.InteropServices;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>A constant in the form the file has it in: the message is shared with the writer, never copied.</summary>
internal sealed class ProtoTensorData : TensorData
{
    private readonly Place _place;
    private readonly string? _folder;
    private byte[]? _rawOfTypedField;

    /// <exception cref="OnnxFormatException">
    /// Sizes are negative or too large, or the data does not have that many elements.
    /// </exception>
    public ProtoTensorData(TensorProto message, Place place, string? folder)
    {
        Message = message;
        _place = place;
        _folder = folder;
        CheckSizes();
        CheckLength();
    }

    public TensorProto Message { get; }

    public override DataType ElementType => (DataType)Message.DataType;

    public override IReadOnlyList<long> Sizes => Message.Dims;

    private bool IsExternal => Message.DataLocation == TensorProto.Types.DataLocation.External;

    /// <summary>Whether the message holds every element: a segment is a part of a larger tensor.</summary>
    private bool IsWhole => !IsExternal && Message.Segment is null;

    private ReadOnlySpan<byte> Raw => Message.HasRawData
        ? Message.RawData.Span
        : _rawOfTypedField ??= TypedFields.ToRaw(Message);

    public override long[]? TryGetIntegers() => !IsWhole ? null : ElementType switch
    {
        DataType.Int64 => MemoryMarshal.Cast<byte, long>(Raw).ToArray(),
        DataType.Int32 => Integers<int>(Raw),
        DataType.UInt32 => Integers<uint>(Raw),
        DataType.Int16 => Integers<short>(Raw),
        DataType.UInt16 => Integers<ushort>(Raw),
        DataType.Int8 => Integers<sbyte>(Raw),
        DataType.UInt8 or DataType.Bool => Integers<byte>(Raw),
        _ => null,
    };

    public override double[]? TryGetFloats() => !IsWhole ? null : ElementType switch
    {
        DataType.Float => Floats<float>(Raw),
        DataType.Double => MemoryMarshal.Cast<byte, double>(Raw).ToArray(),
        DataType.Float16 => Floats<Half>(Raw),
        DataType.BFloat16 => BFloat16Elements(Raw),
        _ => null,
    };

    public override void ReadBytes(long offset, Span<byte> destination)
    {
        var bytes = CheckedRange(offset, destination.Length);
        if (IsExternal) ExternalData.Read(Message, _folder, bytes, offset, destination);
        else if (IsWhole) Raw.Slice((int)offset, destination.Length).CopyTo(destination);
        else throw new OnnxFormatException(
            _place.ToString(), "is a segment of a larger tensor; its elements cannot be read alone.");
    }

    private static long[] Integers<T>(ReadOnlySpan<byte> raw)
        where T : unmanaged, INumberBase<T> =>
        Array.ConvertAll(MemoryMarshal.Cast<byte, T>(raw).ToArray(), long.CreateTruncating);

    private static double[] Floats<T>(ReadOnlySpan<byte> raw)
        where T : unmanaged, INumberBase<T> =>
        Array.ConvertAll(MemoryMarshal.Cast<byte, T>(raw).ToArray(), double.CreateTruncating);

    /// <summary>A bfloat16 is the upper half of a float32.</summary>
    private static double[] BFloat16Elements(ReadOnlySpan<byte> raw) => Array.ConvertAll(
        MemoryMarshal.Cast<byte, ushort>(raw).ToArray(), bits => (double)BitConverter.Int32BitsToSingle(bits << 16));

    private void CheckSizes()
    {
        UInt128 elements = 1;
        foreach (var size in Message.Dims)
        {
            if (size < 0) throw new OnnxFormatException(_place.ToString(), $"dimension {size} is negative.");
            elements *= (ulong)size;
            if (elements > long.MaxValue)
                throw new OnnxFormatException(_place.ToString(), "has more elements than 64 bits can count.");
        }
    }

    private void CheckLength()
    {
        if (!IsWhole) return;
        if (Message.HasRawData)
        {
            var bits = ElementType.BitsOf();
            var expected = ((Int128)Length * bits + 7) / 8;
            if (bits > 0 && Message.RawData.Length != expected)
                throw new OnnxFormatException(
                    _place.ToString(), $"raw_data has {Message.RawData.Length} bytes; {Type} needs {expected}.");
            return;
        }
        if (ElementType.BitsOf() == 0 && ElementType != DataType.String) return;
        var (stored, needed) = (TypedFields.CountEntries(Message), TypedFields.EntriesFor(ElementType, Length));
        if (stored != needed)
            throw new OnnxFormatException(_place.ToString(), $"has {stored} elements; {Type} needs {needed}.");
    }
}
