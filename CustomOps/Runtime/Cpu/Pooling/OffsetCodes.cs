using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>
/// The codes of a plane: an offset of 2, 4 or 8 bits for each window, the first ones in a byte's lowest bits.
/// </summary>
internal readonly unsafe struct OffsetCodes(byte* codes, int bits)
{
    private readonly int _shift = bits == 2 ? 2 : bits == 4 ? 1 : 0;

    /// <summary>Puts an offset where only zeros are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(long window, int offset) => codes[window >> _shift] |= (byte)(offset << Place(window));

    /// <summary>The offset of a window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Get(long window) => (uint)codes[window >> _shift] >> Place(window) & ((1u << bits) - 1);

    private int Place(long window) => ((int)window & ((1 << _shift) - 1)) * bits;
}
