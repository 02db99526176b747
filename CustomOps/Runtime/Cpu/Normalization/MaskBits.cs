using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>One bit per element, element i at bit i mod 8 of byte i / 8; without bits, all elements are kept.</summary>
internal readonly unsafe struct MaskBits(byte* bits)
{
    private static readonly Vector512<uint> LaneBits =
        Vector512.Create(
            1u, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12,
            1 << 13, 1 << 14, 1 << 15);

    public bool IsAbsent => bits == null;

    public bool IsSet(long element) => bits == null || (bits[element >> 3] >> (int)(element & 7) & 1) != 0;

    /// <summary>
    /// All ones in the lanes of the elements that are kept, of 16 from the given one on; all must exist.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Lanes(long element)
    {
        var first = bits + (element >> 3);
        var shift = (int)(element & 7);
        // Without a shift the third byte is not needed, and may lie behind the buffer.
        var word = first[0] | (uint)first[1] << 8 | (shift == 0 ? 0 : (uint)first[2] << 16);
        return Vector512.Equals(Vector512.Create(word >> shift) & LaneBits, LaneBits).AsSingle();
    }
}
