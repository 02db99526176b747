using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>Masks of byte arrays on a tier.</summary>
internal static unsafe class TestMasks
{
    public static byte[] Pack(
        KernelTier tier, ElementType type, byte[] x, MaskTest test = MaskTest.Positive,
        float min = float.NegativeInfinity, float max = float.PositiveInfinity, IParallelLoop? loop = null)
    {
        var count = x.Length / ElementTypes.SizeOf(type);
        var packed = new byte[MaskFormat.BytesOf(count)];
        fixed (byte* source = x, target = packed)
            MaskPack.Run(tier, type, source, count, KeyRange.Of(type, test, min, max), target, loop ?? SerialLoop.Instance);
        return packed;
    }

    public static byte[] PackBool(KernelTier tier, byte[] x)
    {
        var packed = new byte[MaskFormat.BytesOf(x.Length)];
        fixed (byte* source = x, target = packed) MaskPack.RunBool(tier, source, x.Length, target, SerialLoop.Instance);
        return packed;
    }

    public static byte[] Unpack(byte[] packed, int count)
    {
        var y = new byte[count];
        fixed (byte* source = packed, target = y) MaskUnpack.Run(source, packed.Length, target, count, SerialLoop.Instance);
        return y;
    }

    public static byte[] KeepOrZero(KernelTier tier, ElementType type, byte[] dY, byte[] packed, IParallelLoop? loop = null)
    {
        var dX = new byte[dY.Length];
        fixed (byte* source = dY, mask = packed, target = dX)
        {
            MaskGradient.KeepOrZero(
                tier, type, source, dY.Length / ElementTypes.SizeOf(type), mask, packed.Length, target,
                loop ?? SerialLoop.Instance);
        }
        return dX;
    }

    public static byte[] Scale(
        KernelTier tier, ElementType type, byte[] dY, byte[] packed, float kept, float dropped, float divisor = 1)
    {
        var dX = new byte[dY.Length];
        fixed (byte* source = dY, mask = packed, target = dX)
        {
            MaskGradient.Scale(
                tier, type, source, dY.Length / ElementTypes.SizeOf(type), mask, packed.Length,
                new MaskFactors<float>(kept, dropped, divisor), target, SerialLoop.Instance);
        }
        return dX;
    }

    public static byte[] FromCodes(KernelTier tier, ElementType type, byte[] dY, long[] dims, byte[] packed)
    {
        var dX = new byte[dY.Length];
        fixed (byte* source = dY, codes = packed, target = dX)
            ReluGradFromCodes.Run(tier, type, source, dims, codes, packed.Length, target, SerialLoop.Instance);
        return dX;
    }
}
