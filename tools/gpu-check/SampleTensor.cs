using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck;

/// <summary>Made-up tensors: of a normal-like shape, or outputs of a Relu.</summary>
internal static unsafe class SampleTensor
{
    public static byte[] Draw(ElementType type, int count, bool isRelu, int seed)
    {
        var random = new Random(seed);
        var bytes = new byte[count * ElementTypes.SizeOf(type)];
        fixed (byte* first = bytes)
        {
            for (var i = 0; i < count; i++)
            {
                var value = random.NextDouble() + random.NextDouble() - random.NextDouble() - 0.6;
                Write(type, first, i, (float)(isRelu ? Math.Max(0, value) : value));
            }
        }
        return bytes;
    }

    /// <summary>Float32 numbers of a normal-like shape.</summary>
    public static float[] DrawNumbers(int count, int seed) =>
        MemoryMarshal.Cast<byte, float>(Draw(ElementType.Float32, count, isRelu: false, seed)).ToArray();

    public static byte[] BytesOf(float[] numbers) => MemoryMarshal.AsBytes(numbers.AsSpan()).ToArray();

    /// <summary>How many elements a tensor has.</summary>
    public static int CountOf(long[] dims) => (int)dims.Aggregate(1L, (product, size) => product * size);

    /// <summary>A made-up float32 tensor, packed by the scalar reference.</summary>
    public static byte[] Pack(long[] dims, PackFormat format, bool isRelu)
    {
        var layout = PackedLayout.Create(dims, format);
        var (packed, key) = (new byte[layout.TotalBytes], new PackKey(1, 2, 3));
        var count = (int)layout.ElementCount;
        fixed (byte* x = Draw(ElementType.Float32, count, isRelu, seed: count), codes = packed)
            QuantizePack.Run(KernelTier.Scalar, ElementType.Float32, x, codes, layout, key, SerialLoop.Instance);
        return packed;
    }

    private static void Write(ElementType type, byte* first, int index, float value)
    {
        switch (type)
        {
            case ElementType.Float32: ((float*)first)[index] = value; break;
            case ElementType.Float64: ((double*)first)[index] = value; break;
            case ElementType.Float16: ((Half*)first)[index] = (Half)value; break;
            default: ((ushort*)first)[index] = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16); break;
        }
    }
}
