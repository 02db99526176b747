using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace OnnxActNN.Training.Feeds;

/// <summary>Makes input tensors of any numeric element type from a function of the element's index.</summary>
internal static class FeedTensor
{
    /// <summary>
    /// A tensor whose element i (row-major) is <paramref name="value"/>(i), converted to the element type.
    /// </summary>
    /// <exception cref="NotSupportedException">No conversion to the element type is offered.</exception>
    public static OrtValue Create(TensorElementType type, long[] sizes, Func<long, double> value) => type switch
    {
        TensorElementType.Float => Fill(sizes, value, x => (float)x),
        TensorElementType.Double => Fill(sizes, value, x => x),
        TensorElementType.Float16 => Fill(sizes, value, x => (Float16)(float)x),
        TensorElementType.BFloat16 => Fill(sizes, value, x => (BFloat16)(float)x),
        TensorElementType.Int64 => Fill(sizes, value, x => (long)x),
        TensorElementType.Int32 => Fill(sizes, value, x => (int)x),
        TensorElementType.UInt8 => Fill(sizes, value, x => (byte)x),
        TensorElementType.Bool => Fill(sizes, value, x => x != 0),
        _ => throw new NotSupportedException($"Inputs of type {type} cannot be made; give the values yourself."),
    };

    private static OrtValue Fill<T>(long[] sizes, Func<long, double> value, Func<double, T> convert)
        where T : unmanaged
    {
        var data = new T[sizes.Aggregate(1L, (product, size) => checked(product * size))];
        for (long index = 0; index < data.LongLength; index++) data[index] = convert(value(index));
        return OrtValue.CreateTensorValueFromMemory(data, sizes);
    }
}
