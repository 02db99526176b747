using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>Packs and unpacks byte arrays with one implementation of the kernels.</summary>
internal static unsafe class TestCodec
{
    public static readonly PackKey Key = new(Seed: 7, TensorId: 3, Run: 11);

    public static byte[] Pack(
        KernelBinding kernels, ElementType type, byte[] x, long[] dims, PackFormat format, PackKey key,
        IParallelLoop? loop = null)
    {
        var layout = PackedLayout.Create(dims, format);
        var packed = new byte[layout.TotalBytes];
        fixed (byte* source = x, target = packed)
            kernels.Pack(type, source, target, layout, key, loop ?? SerialLoop.Instance);
        return packed;
    }

    public static byte[] Unpack(
        KernelBinding kernels, ElementType type, byte[] packed, long[] dims, UnpackOutput output = UnpackOutput.Value,
        IParallelLoop? loop = null) => Unpack(kernels, type, packed, dims, BatchSlice.Whole, output, loop);

    /// <summary>A slice of the samples.</summary>
    public static byte[] Unpack(
        KernelBinding kernels, ElementType type, byte[] packed, long[] dims, BatchSlice slice, UnpackOutput output =
            UnpackOutput.Value,
        IParallelLoop? loop = null)
    {
        var elements = TestTensor.CountOf(slice.DimensionsOf(dims));
        var y = new byte[elements * ElementTypes.SizeOf(type)];
        fixed (byte* source = packed, target = y)
            kernels.Unpack(type, source, packed.Length, dims, slice, target, output, loop ?? SerialLoop.Instance);
        return y;
    }

    /// <summary>The bytes of a slice's elements.</summary>
    public static byte[] Cut(byte[] elements, ElementType type, long[] dims, BatchSlice slice)
    {
        var ((start, end), size) = (slice.ElementsOf(dims), ElementTypes.SizeOf(type));
        return elements[(int)(start * size)..(int)(end * size)];
    }

    /// <summary>Values after a pack and an unpack.</summary>
    public static double[] RoundTrip(
        KernelBinding kernels, ElementType type, IReadOnlyList<double> values, PackFormat format, PackKey key)
    {
        long[] dims = [values.Count];
        var packed = Pack(kernels, type, TestTensor.ToBytes(values, type), dims, format, key);
        return TestTensor.FromBytes(Unpack(kernels, type, packed, dims), type);
    }
}
