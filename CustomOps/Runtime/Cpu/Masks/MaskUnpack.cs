using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Masks;

/// <summary>The driver of MaskUnpack: from bits to the bytes 0 and 1 of a bool tensor.</summary>
internal static unsafe class MaskUnpack
{
    /// <summary>Unpacks a mask. There is one way on every tier: eight bytes at a time.</summary>
    /// <param name="packed">A packed mask. Any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="y">Room for <paramref name="count"/> bytes; all are written.</param>
    /// <param name="count">Elements.</param>
    /// <param name="loop">Runs the blocks.</param>
    /// <exception cref="PackedFormatException">
    /// The buffer is no mask of so many elements; nothing was written.
    /// </exception>
    internal static void Run(byte* packed, long packedBytes, byte* y, long count, IParallelLoop loop)
    {
        MaskGradient.Check(packed, packedBytes, count);
        var bits = packed + MaskFormat.HeaderSize;
        loop.For((count + MaskPack.BlockElements - 1) / MaskPack.BlockElements, (start, end) =>
            Unpack(bits, start * MaskPack.BlockElements, Math.Min(end * MaskPack.BlockElements, count), y));
    }

    /// <summary>The elements from a multiple of 8 on.</summary>
    private static void Unpack(byte* bits, long from, long to, byte* y)
    {
        var element = from;
        for (; element <= to - 8; element += 8) Unsafe.WriteUnaligned(y + element, Bools(bits[element / 8]));
        for (; element < to; element++) y[element] = (byte)((bits[element / 8] >> (int)(element % 8)) & 1);
    }

    /// <summary>Bit i to byte i of the result.</summary>
    private static ulong Bools(byte bits)
    {
        // Byte i of the first product keeps bit i alone; adding 127 carries it to the top bit.
        var spread = (bits * 0x0101010101010101ul) & 0x8040201008040201ul;
        return ((spread + 0x7f7f7f7f7f7f7f7ful) >> 7) & 0x0101010101010101ul;
    }
}
