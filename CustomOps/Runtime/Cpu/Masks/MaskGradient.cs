using System.Numerics;
using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Masks;

/// <summary>
/// The driver of the gradients that read a mask: dX = dY · kept / divisor where the bit is 1, else dY · dropped /
/// divisor; or, without factors, dY where the bit is 1, else 0.
/// </summary>
internal static unsafe class MaskGradient
{
    private const int WordElements = 64;

    /// <summary>dX = dY where the bit is 1, else 0, also for a dY that is not finite.</summary>
    /// <param name="tier">Instructions to use.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="dY">The gradient, aligned to its elements' size.</param>
    /// <param name="count">Elements.</param>
    /// <param name="packed">A packed mask. Any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="dX">Room for all elements, or dY itself; all are written.</param>
    /// <param name="loop">Runs the blocks.</param>
    /// <exception cref="PackedFormatException">
    /// The buffer is no mask of so many elements; nothing was written.
    /// </exception>
    internal static void KeepOrZero(
        KernelTier tier, ElementType type, void* dY, long count, byte* packed, long packedBytes, void* dX,
        IParallelLoop loop)
    {
        Check(packed, packedBytes, count);
        var bits = packed + MaskFormat.HeaderSize;
        switch (ElementTypes.SizeOf(type))
        {
            case sizeof(short): Run(tier, (short*)dY, count, bits, null, (short*)dX, loop); break;
            case sizeof(int): Run(tier, (int*)dY, count, bits, null, (int*)dX, loop); break;
            default: Run(tier, (long*)dY, count, bits, null, (long*)dX, loop); break;
        }
    }

    /// <summary>
    /// dX = dY · kept / divisor where the bit is 1, else dY · dropped / divisor, rounded to the type (to nearest, ties
    /// to even).
    /// </summary>
    /// <inheritdoc cref="KeepOrZero"/>
    internal static void Scale(
        KernelTier tier, ElementType type, void* dY, long count, byte* packed, long packedBytes,
        MaskFactors<float> factors, void* dX, IParallelLoop loop)
    {
        Check(packed, packedBytes, count);
        var bits = packed + MaskFormat.HeaderSize;
        switch (type)
        {
            case ElementType.Float32:
                Run(tier, (int*)dY, count, bits, factors.Select(BitConverter.SingleToInt32Bits), (int*)dX, loop);
                break;
            case ElementType.Float64:
                Run(
                    tier, (long*)dY, count, bits, factors.Select(factor => BitConverter.DoubleToInt64Bits(factor)),
                    (long*)dX, loop);
                break;
            default:
                ScaleHalves(type, (ushort*)dY, count, bits, factors, (ushort*)dX, loop);
                break;
        }
    }

    /// <exception cref="PackedFormatException">The buffer is no mask of so many elements.</exception>
    internal static void Check(byte* packed, long packedBytes, long count) => MaskFormat.Check(
        new ReadOnlySpan<byte>(packed, (int)Math.Clamp(packedBytes, 0, MaskFormat.HeaderSize)), packedBytes, count);

    private static void Run<T>(
        KernelTier tier, T* dY, long count, byte* bits, MaskFactors<T>? factors, T* dX, IParallelLoop loop)
        where T : unmanaged, IBinaryInteger<T> =>
        loop.For((count + MaskPack.BlockElements - 1) / MaskPack.BlockElements, (start, end) =>
        {
            var (from, to) = (start * MaskPack.BlockElements, Math.Min(end * MaskPack.BlockElements, count));
            switch (tier)
            {
                case KernelTier.Avx512: Select<Vector512MaskLanes, T>(dY, from, to, bits, factors, dX); break;
                case KernelTier.Avx2: Select<Vector256MaskLanes, T>(dY, from, to, bits, factors, dX); break;
                case KernelTier.Vector128: Select<Vector128MaskLanes, T>(dY, from, to, bits, factors, dX); break;
                default: Select<ScalarMaskLanes, T>(dY, from, to, bits, factors, dX); break;
            }
        });

    /// <summary>The elements from a multiple of 64 on.</summary>
    private static void Select<TLanes, T>(T* dY, long from, long to, byte* bits, MaskFactors<T>? factors, T* dX)
        where TLanes : struct, IMaskLanes
        where T : unmanaged, IBinaryInteger<T>
    {
        var whole = from + (to - from) / WordElements * WordElements;
        if (factors is { } factor)
        {
            Scale<TLanes, T>(dY, from, whole, bits, factor, dX);
            for (var element = whole; element < to; element++)
                ScalarMaskLanes.Scale(dY + element, BitAt(bits, element), factor, dX + element);
        }
        else
        {
            KeepOrZero<TLanes, T>(dY, from, whole, bits, dX);
            for (var element = whole; element < to; element++)
                ScalarMaskLanes.KeepOrZero(dY + element, BitAt(bits, element), dX + element);
        }
    }

    private static void KeepOrZero<TLanes, T>(T* dY, long from, long to, byte* bits, T* dX)
        where TLanes : struct, IMaskLanes
        where T : unmanaged, IBinaryInteger<T>
    {
        for (var element = from; element < to; element += WordElements)
        {
            var word = Unsafe.ReadUnaligned<ulong>(bits + element / 8);
            for (var lane = 0; lane < WordElements; lane += TLanes.SelectedTogether<T>())
                TLanes.KeepOrZero(dY + element + lane, word >> lane, dX + element + lane);
        }
    }

    private static void Scale<TLanes, T>(T* dY, long from, long to, byte* bits, in MaskFactors<T> factors, T* dX)
        where TLanes : struct, IMaskLanes
        where T : unmanaged, IBinaryInteger<T>
    {
        for (var element = from; element < to; element += WordElements)
        {
            var word = Unsafe.ReadUnaligned<ulong>(bits + element / 8);
            for (var lane = 0; lane < WordElements; lane += TLanes.SelectedTogether<T>())
                TLanes.Scale(dY + element + lane, word >> lane, factors, dX + element + lane);
        }
    }

    /// <summary>
    /// Types of 2 bytes go through float32, one at a time on every tier: no training on a CPU uses them at length.
    /// </summary>
    private static void ScaleHalves(
        ElementType type, ushort* dY, long count, byte* bits, MaskFactors<float> factors, ushort* dX,
        IParallelLoop loop) =>
        loop.For((count + MaskPack.BlockElements - 1) / MaskPack.BlockElements, (start, end) =>
        {
            for (var element = start * MaskPack.BlockElements; element < Math.Min(end * MaskPack.BlockElements, count);
                element++)
            {
                var factor = BitAt(bits, element) != 0 ? factors.Kept : factors.Dropped;
                dX[element] = type == ElementType.Float16
                    ? BitConverter.HalfToUInt16Bits(
                        (Half)((float)BitConverter.UInt16BitsToHalf(dY[element]) * factor / factors.Divisor))
                    : BFloat16.Round((float)new BFloat16(dY[element]) * factor / factors.Divisor).Bits;
            }
        });

    private static ulong BitAt(byte* bits, long element) => ((uint)bits[element / 8] >> (int)(element % 8)) & 1;
}
