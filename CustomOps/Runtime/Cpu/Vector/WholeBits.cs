using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// The joining and parting that all widths of whole bits share; the numbers are constants where it is inlined.
/// </summary>
/// <remarks>
/// Each width is a type that hands its own numbers on, and no argument of one generic width: .NET 10 knows numbers that
/// it reads from a type argument for constants only after it has made shifts by a variable of shifts by them.
/// </remarks>
internal static class WholeBits
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Join<TLanes, TVector>(TVector halves, TVector pair, int index, int codeBits, int slots)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var placed = TLanes.ShiftRight(pair, 16 - codeBits - codeBits * index);
        // The first pair to come is the uppermost: what is above it is left out at the end.
        if (index == slots / 2 - 1)
            return placed;
        var mask = (((1u << codeBits) - 1) << (codeBits * index)) * 0x10001;
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
        // To the top of each half: the factor's two products have no bit in common.
        if (columnBytes == 1)
            return TLanes.Multiply(column, TLanes.Splat((1u << 12) + (1u << 24)));
        var odd = TLanes.ShiftLeft(column, 16 - 4 * columnBytes);
        var halves = TLanes.Select(TLanes.Splat(0xffff), column, odd);
        return TLanes.ShiftLeft(halves, 16 - 4 * columnBytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Part<TLanes, TVector>(TVector halves, int index, int codeBits, int slots)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.ShiftLeft(halves, codeBits * (slots / 2 - 1 - index));
}
