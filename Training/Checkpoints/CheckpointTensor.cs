using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxActNN.Training.Checkpoints;

/// <summary>A named tensor of a checkpoint. Immutable, apart from the memory behind <see cref="Data"/>.</summary>
/// <param name="Name">
/// Name of the parameter, as the training graph's input is called; or of the optimizer's moment.
/// </param>
/// <param name="ElementType">
/// Element type; the numbers are those of <c>TensorProto.DataType</c>. Strings are not supported.
/// </param>
/// <param name="Dimensions">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Data">
/// The elements, row-major, little-endian; empty in a nominal checkpoint, which has shapes alone.
/// </param>
public sealed record CheckpointTensor(
    string Name, TensorElementType ElementType, IReadOnlyList<long> Dimensions, ReadOnlyMemory<byte> Data)
{
    /// <summary>Free text that the format carries along.</summary>
    public string? DocString { get; init; }

    /// <summary>A float32 tensor over the bytes of <paramref name="values"/>, which are copied.</summary>
    /// <exception cref="ArgumentException">The number of values is not that of the dimensions.</exception>
    public static CheckpointTensor FromFloats(string name, IReadOnlyList<long> dimensions, ReadOnlySpan<float> values)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        var elements = dimensions.Aggregate(1L, (product, size) => checked(product * size));
        if (elements != values.Length)
            throw new ArgumentException(
                $"'{name}' has {elements} elements, but {values.Length} values are given.", nameof(values));
        return new CheckpointTensor(name, TensorElementType.Float, dimensions, MemoryMarshal.AsBytes(values).ToArray());
    }

    /// <summary>The elements of a float32 tensor, without copying.</summary>
    /// <exception cref="InvalidOperationException">The elements are of another type.</exception>
    public ReadOnlySpan<float> AsFloats() => ElementType == TensorElementType.Float
        ? MemoryMarshal.Cast<byte, float>(Data.Span)
        : throw new InvalidOperationException($"'{Name}' holds {ElementType}, not Float.");

    /// <summary>Bytes of one element; 0 for types whose size is not fixed.</summary>
    internal static int BytesPerElement(TensorElementType type) => type switch
    {
        TensorElementType.Bool or TensorElementType.Int8 or TensorElementType.UInt8 => 1,
        TensorElementType.Float16 or TensorElementType.BFloat16 or TensorElementType.Int16
            or TensorElementType.UInt16 =>
            2,
        TensorElementType.Float or TensorElementType.Int32 or TensorElementType.UInt32 => 4,
        TensorElementType.Double or TensorElementType.Int64 or TensorElementType.UInt64 => 8,
        _ => 0,
    };

    /// <summary>
    /// Bytes that <see cref="Data"/> must have; -1 for an unknown element type, a negative size or over 2^63.
    /// </summary>
    internal long ExpectedBytes()
    {
        Int128 bytes = BytesPerElement(ElementType);
        if (bytes == 0) return -1;
        foreach (var size in Dimensions)
        {
            if (size < 0) return -1;
            bytes *= size;
            if (bytes > long.MaxValue) return -1;
        }
        return (long)bytes;
    }
}
