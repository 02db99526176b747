using System.Numerics;
using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>
/// The driver of ReluGradFromCodes: dX = dY where the code of a zero-exact pack is not 0, else 0; NaN in groups that decode to
/// NaN. Ones and zeros are decoded into dX itself, block by block, and turned into the gradient while they are in the cache.
/// </summary>
internal static unsafe class ReluGradFromCodes
{
    private const short Float16One = 0x3c00;
    private const short BFloat16One = 0x3f80;

    /// <param name="tier">Instructions to use.</param>
    /// <param name="type">Type of the elements; the packed tensor's.</param>
    /// <param name="dY">The gradient, aligned to its elements' size.</param>
    /// <param name="dims">Dimensions of the gradient, which are those of the packed tensor.</param>
    /// <param name="packed">A packed tensor. Any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="dX">Room for all elements, not overlapping dY; all are written.</param>
    /// <param name="loop">Runs the blocks.</param>
    /// <exception cref="PackedFormatException">
    /// The buffer is no zero-exact pack of a tensor of this type and shape; nothing was written.
    /// </exception>
    internal static void Run(
        KernelTier tier, ElementType type, void* dY, ReadOnlySpan<long> dims, byte* packed, long packedBytes, void* dX,
        IParallelLoop loop)
    {
        var header = PackedHeader.Read(new ReadOnlySpan<byte>(packed, (int)Math.Clamp(packedBytes, 0, PackedHeader.Size)));
        if (header.Type != type || !header.Format.ZeroExact)
            throw new PackedFormatException($"The packed tensor is no zero-exact pack of {type} elements.");
        var layout = header.LayoutFor(dims, packedBytes);
        var decoder = new BlockDecoder(tier, type, layout, header.Key, UnpackOutput.Nonzero);
        loop.For(layout.BlockCount, (start, end) =>
        {
            for (var block = start; block < end; block++)
            {
                var (first, count) = decoder.Decode(block, packed, dX);
                TakeGradient(type, dY, dX, first, count);
            }
        });
    }

    private static void TakeGradient(ElementType type, void* dY, void* dX, long first, long count)
    {
        switch (type)
        {
            case ElementType.Float32:
                TakeGradient<int>((int*)dY + first, (int*)dX + first, count, BitConverter.SingleToInt32Bits(1));
                break;
            case ElementType.Float64:
                TakeGradient<long>((long*)dY + first, (long*)dX + first, count, BitConverter.DoubleToInt64Bits(1));
                break;
            case ElementType.Float16:
                TakeGradient<short>((short*)dY + first, (short*)dX + first, count, Float16One);
                break;
            default:
                TakeGradient<short>((short*)dY + first, (short*)dX + first, count, BFloat16One);
                break;
        }
    }

    /// <summary>What is 1 becomes dY; what is 0 or NaN stays.</summary>
    private static void TakeGradient<T>(T* dY, T* dX, long count, T one)
        where T : unmanaged, IBinaryInteger<T>
    {
        long i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            var kept = Unsafe.ReadUnaligned<Vector<T>>(dX + i);
            var gradient = Unsafe.ReadUnaligned<Vector<T>>(dY + i);
            Unsafe.WriteUnaligned(dX + i, Select(kept, gradient, one));
        }
        for (; i < count; i++) dX[i] = dX[i] == one ? dY[i] : dX[i];
    }

    private static Vector<T> Select<T>(Vector<T> kept, Vector<T> gradient, T one)
        where T : unmanaged, IBinaryInteger<T> =>
        System.Numerics.Vector.ConditionalSelect(
            System.Numerics.Vector.Equals(kept, new Vector<T>(one)), gradient, kept);
}
