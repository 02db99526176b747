using OnnxActNN.Format;

namespace OnnxActNN.Benchmarks.Kernels;

/// <summary>Fills a tensor with values that look like Relu outputs: three in ten are 0.</summary>
internal static unsafe class TensorFill
{
    /// <summary>Values repeat after so many elements: drawing more would only take time.</summary>
    private const int Period = 1 << 16;

    public static void Relu(NativeBuffer buffer, ElementType type)
    {
        var random = new Random(1);
        var values = new float[Period];
        for (var i = 0; i < Period; i++)
            values[i] = MathF.Max(0, random.NextSingle() - 0.3f);
        var count = buffer.Bytes / ElementTypes.SizeOf(type);
        for (long i = 0; i < count; i++)
            Write(buffer.Pointer, i, values[i % Period], type);
    }

    private static void Write(void* x, long index, float value, ElementType type)
    {
        if (type == ElementType.Float32)
            ((float*)x)[index] = value;
        else if (type == ElementType.Float64)
            ((double*)x)[index] = value;
        else if (type == ElementType.Float16)
            ((Half*)x)[index] = (Half)value;
        else
            ((ushort*)x)[index] = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
    }
}
