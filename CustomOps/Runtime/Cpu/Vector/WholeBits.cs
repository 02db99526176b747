using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// The joining and parting that all widths of whole bits share; the numbers are constants where it is inlined.
/// </summary>
internal static class WholeBits
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Join<TLanes, TVector>(TVector halves, TVector pair, int index, int codeBits)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var mask = (((1u << codeBits) - 1) << (codeBits * index)) * 0x10001;
        var placed = TLanes.ShiftRight(pair, 16 - codeBits - codeBits * index);
        return TLanes.Select(TLanes.Splat(mask), placed, halves);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Finish<TLanes, TVector>(TVector halves, int columnBytes)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var odd = TLanes.ShiftRight(halves, 16 - 4 * columnBytes);
        return TLanes.Select(TLanes.Splat((1u << (4 * columnBytes)) - 1), halves, odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Begin<TLanes, TVector>(TVector column, int columnBytes)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var odd = TLanes.ShiftLeft(column, 16 - 4 * columnBytes);
        return TLanes.Select(TLanes.Splat(0xffff), column, odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Part<TLanes, TVector>(TVector halves, int index, int codeBits)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.ShiftLeft(halves, 16 - codeBits - codeBits * index);
}
