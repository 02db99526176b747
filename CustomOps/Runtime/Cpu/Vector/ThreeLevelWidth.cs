using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>5 codes of three levels in a byte: c0 + 3 c2 + 9 c4 + 27 (c1 + 3 c3).</summary>
internal readonly struct ThreeLevelWidth : IVectorWidth
{
    private const uint CodesInHalves = 0x00030003;

    public static int Slots => 5;

    public static int Bytes => 1;

    public static int FractionBits => 14;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Join<TLanes, TVector>(TVector column, TVector pair, int index)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var codes = TLanes.And(TLanes.ShiftRight(pair, FractionBits), TLanes.Splat(CodesInHalves));
        return TLanes.Add(codes, TLanes.Add(column, TLanes.ShiftLeft(column, 1)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Finish<TLanes, TVector>(TVector halves)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var odd = TLanes.Multiply(TLanes.ShiftRight(halves, 16), TLanes.Splat(27));
        return TLanes.Add(TLanes.And(halves, TLanes.Splat(0xffff)), odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Begin<TLanes, TVector>(TVector column)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        // 2428 / 2^16 is just above 1 / 27: exact for every byte.
        var odd = TLanes.ShiftRight(TLanes.Multiply(column, TLanes.Splat(2428)), 16);
        return TLanes.Add(column, TLanes.Multiply(odd, TLanes.Splat((1 << 16) - 27)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Part<TLanes, TVector>(TVector halves, int index)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var shifted = halves;
        if (index > 0)
            shifted = Third<TLanes, TVector>(shifted);
        if (index > 1)
            shifted = Third<TLanes, TVector>(shifted);
        var above = Third<TLanes, TVector>(shifted);
        var code = TLanes.Subtract(shifted, TLanes.Add(above, TLanes.ShiftLeft(above, 1)));
        return TLanes.ShiftLeft(code, FractionBits);
    }

    /// <summary>A third of each half, rounded down: 171 / 512 is close enough for numbers below 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Third<TLanes, TVector>(TVector halves)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.And(TLanes.ShiftRight(TLanes.Multiply(halves, TLanes.Splat(171)), 9), TLanes.Splat(0x007f007f));
}
