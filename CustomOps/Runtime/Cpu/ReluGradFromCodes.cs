using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>
/// The driver of ReluGradFromCodes: dX = dY where the code of a zero-exact pack is not 0, else 0; NaN in groups that
/// decode to NaN. Ones and zeros are decoded block by block into memory of a block's size, and select from the gradient
/// while they are in the cache; so dX may be dY's own buffer.
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
    /// <param name="dX">Room for all elements, or dY itself; all are written.</param>
    /// <param name="loop">Runs the blocks.</param>
    /// <exception cref="PackedFormatException">
    /// The buffer is no zero-exact pack of a tensor of this type and shape; nothing was written.
    /// </exception>
    internal static void Run(
        KernelTier tier, ElementType type, void* dY, ReadOnlySpan<long> dims, byte* packed, long packedBytes, void* dX,
        IParallelLoop loop)
    {
        var header = PackedHeader.Read(
            new ReadOnlySpan<byte>(packed, (int)Math.Clamp(packedBytes, 0, PackedHeader.Size)));
        if (header.Type != type || !header.Format.ZeroExact)
            throw new PackedFormatException($"The packed tensor is no zero-exact pack of {type} elements.");
        var layout = header.LayoutFor(dims, packedBytes);
        var decoder = new BlockDecoder(
            GroupReader.Create(tier, type, packed, layout, header.Key, UnpackOutput.Nonzero), layout);
        var size = ElementTypes.SizeOf(type);
        loop.For(layout.BlockCount, (start, end) =>
        {
            var kept = (byte*)NativeMemory.Alloc((nuint)decoder.LongestBlock, (nuint)size);
            for (var block = start; block < end; block++)
            {
                var first = decoder.FirstElement(block);
                // The decoder writes elements to their places in a tensor: this one begins where the block's first
                // lands in memory.
                var count = decoder.Decode(block, packed, kept - first * size).Count;
                TakeGradient(type, (byte*)dY + first * size, kept, (byte*)dX + first * size, count);
            }
            NativeMemory.Free(kept);
        });
    }

    private static void TakeGradient(ElementType type, void* dY, void* kept, void* dX, long count)
    {
        switch (type)
        {
            case ElementType.Float32:
                TakeGradient(
                (int*)dY, (int*)kept, (int*)dX, count, BitConverter.SingleToInt32Bits(1)); break;
            case ElementType.Float64:
                TakeGradient(
                (long*)dY, (long*)kept, (long*)dX, count, BitConverter.DoubleToInt64Bits(1)); break;
            case ElementType.Float16: TakeGradient((short*)dY, (short*)kept, (short*)dX, count, Float16One); break;
            default: TakeGradient((short*)dY, (short*)kept, (short*)dX, count, BFloat16One); break;
        }
    }

    /// <summary>Where kept is 1 dX is dY; 0 and NaN it takes over.</summary>
    private static void TakeGradient<T>(T* dY, T* kept, T* dX, long count, T one)
        where T : unmanaged, IBinaryInteger<T>
    {
        long i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            var mask = Unsafe.ReadUnaligned<Vector<T>>(kept + i);
            var gradient = Unsafe.ReadUnaligned<Vector<T>>(dY + i);
            var isOne = System.Numerics.Vector.Equals(mask, new Vector<T>(one));
            Unsafe.WriteUnaligned(dX + i, System.Numerics.Vector.ConditionalSelect(isOne, gradient, mask));
        }
        for (; i < count; i++) dX[i] = kept[i] == one ? dY[i] : kept[i];
    }
}
