using System.Numerics;
using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Masks;

/// <summary>The driver of MaskPack: header, then blocks of elements, which are independent of each other.</summary>
internal static unsafe class MaskPack
{
    /// <summary>Elements that one thread does at a time; a multiple of 64.</summary>
    internal const int BlockElements = 4096;

    private const int WordElements = 64;

    /// <summary>Packs floating-point elements.</summary>
    /// <param name="tier">Instructions to use.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="x">The elements, aligned to their size.</param>
    /// <param name="count">Elements.</param>
    /// <param name="range">The test, see <see cref="KeyRange.Of"/>.</param>
    /// <param name="packed"><see cref="MaskFormat.BytesOf"/> bytes; all are written.</param>
    /// <param name="loop">Runs the blocks.</param>
    internal static void Run(
        KernelTier tier, ElementType type, void* x, long count, in KeyRange range, byte* packed, IParallelLoop loop)
    {
        switch (ElementTypes.SizeOf(type))
        {
            case sizeof(short): Run(tier, (short*)x, count, range, packed, loop); break;
            case sizeof(int): Run(tier, (int*)x, count, range, packed, loop); break;
            default: Run(tier, (long*)x, count, range, packed, loop); break;
        }
    }

    /// <summary>Packs the bytes of a bool tensor.</summary>
    internal static void RunBool(KernelTier tier, void* x, long count, byte* packed, IParallelLoop loop) =>
        Run(tier, (sbyte*)x, count, KeyRange.Bool, packed, loop);

    private static void Run<T>(
        KernelTier tier, T* x, long count, in KeyRange range, byte* packed, IParallelLoop loop)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        MaskFormat.WriteHeader(new Span<byte>(packed, MaskFormat.HeaderSize), count);
        var (low, high) = (T.CreateTruncating(range.Low), T.CreateTruncating(range.High));
        var flip = range.IsInverted ? ulong.MaxValue : 0;
        var bits = packed + MaskFormat.HeaderSize;
        loop.For((count + BlockElements - 1) / BlockElements, (start, end) =>
        {
            var (from, to) = (start * BlockElements, Math.Min(end * BlockElements, count));
            switch (tier)
            {
                case KernelTier.Avx512: Pack<Vector512MaskLanes, T>(x, from, to, low, high, flip, bits); break;
                case KernelTier.Avx2: Pack<Vector256MaskLanes, T>(x, from, to, low, high, flip, bits); break;
                case KernelTier.Vector128: Pack<Vector128MaskLanes, T>(x, from, to, low, high, flip, bits); break;
                default: Pack<ScalarMaskLanes, T>(x, from, to, low, high, flip, bits); break;
            }
        });
    }

    /// <summary>The elements from a multiple of 64 on.</summary>
    private static void Pack<TLanes, T>(T* x, long from, long to, T low, T high, ulong flip, byte* bits)
        where TLanes : struct, IMaskLanes
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var element = from;
        for (; element <= to - WordElements; element += WordElements)
        {
            ulong word = 0;
            for (var lane = 0; lane < WordElements; lane += TLanes.TestedTogether<T>())
                word |= TLanes.InRange(x + element + lane, low, high) << lane;
            Unsafe.WriteUnaligned(bits + element / 8, word ^ flip);
        }
        for (; element < to; element += 8)
        {
            ulong word = 0;
            var rest = (int)Math.Min(8, to - element);
            for (var lane = 0; lane < rest; lane++)
                word |= ScalarMaskLanes.InRange(x + element + lane, low, high) << lane;
            bits[element / 8] = (byte)((word ^ flip) & ((1ul << rest) - 1));
        }
    }
}
