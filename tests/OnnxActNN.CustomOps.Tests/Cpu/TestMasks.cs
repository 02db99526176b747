using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>Masks of byte arrays with one implementation of the kernels.</summary>
internal static unsafe class TestMasks
{
    public static byte[] Pack(
        KernelBinding kernels, ElementType type, byte[] x, MaskTest test = MaskTest.Positive,
        float min = float.NegativeInfinity, float max = float.PositiveInfinity, IParallelLoop? loop = null)
    {
        var count = x.Length / ElementTypes.SizeOf(type);
        var packed = new byte[MaskFormat.BytesOf(count)];
        fixed (byte* source = x, target = packed)
            kernels.PackMask(
                type, source, count, KeyRange.Of(type, test, min, max), target, loop ?? SerialLoop.Instance);
        return packed;
    }

    public static byte[] PackBool(KernelBinding kernels, byte[] x)
    {
        var packed = new byte[MaskFormat.BytesOf(x.Length)];
        fixed (byte* source = x, target = packed) kernels.PackBoolMask(source, x.Length, target);
        return packed;
    }

    public static byte[] Unpack(KernelBinding kernels, byte[] packed, int count)
    {
        var y = new byte[count];
        fixed (byte* source = packed, target = y) kernels.UnpackMask(source, packed.Length, target, count);
        return y;
    }

    public static byte[] KeepOrZero(
        KernelBinding kernels, ElementType type, byte[] dY, byte[] packed, IParallelLoop? loop = null)
    {
        var dX = new byte[dY.Length];
        fixed (byte* source = dY, mask = packed, target = dX)
        {
            kernels.KeepOrZero(
                type, source, dY.Length / ElementTypes.SizeOf(type), mask, packed.Length, target,
                loop ?? SerialLoop.Instance);
        }
        return dX;
    }

    public static byte[] Scale(
        KernelBinding kernels, ElementType type, byte[] dY, byte[] packed, float kept, float dropped, float divisor = 1)
    {
        var dX = new byte[dY.Length];
        fixed (byte* source = dY, mask = packed, target = dX)
        {
            kernels.Scale(
                type, source, dY.Length / ElementTypes.SizeOf(type), mask, packed.Length,
                new MaskFactors<float>(kept, dropped, divisor), target);
        }
        return dX;
    }

    public static byte[] FromCodes(KernelBinding kernels, ElementType type, byte[] dY, long[] dims, byte[] packed)
    {
        var dX = new byte[dY.Length];
        fixed (byte* source = dY, codes = packed, target = dX)
            kernels.ReluGradientFromCodes(type, source, dims, codes, packed.Length, target);
        return dX;
    }
}
