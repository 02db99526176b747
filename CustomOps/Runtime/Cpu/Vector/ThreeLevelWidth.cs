using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// 10 codes of three levels in two bytes: the even slots' in the first, c0 + 3 c2 + 9 c4 + 27 c6 + 81 c8.
/// </summary>
internal readonly struct ThreeLevelWidth : IVectorWidth
{
    private const uint CodesInHalves = 0x00030003;

    public static int Slots => 10;

    public static int Bytes => 2;

    public static bool LastByteOnDemand => false;

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
        where TVector : struct =>
        WholeBits.Finish<TLanes, TVector>(halves, Bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Begin<TLanes, TVector>(TVector column)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var halves = TLanes.Or(column, TLanes.ShiftLeft(column, 8));
        return TLanes.And(halves, TLanes.Splat(0x00ff00ff));
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
        if (index > 2)
            shifted = Third<TLanes, TVector>(shifted);
        if (index > 3)
            shifted = Third<TLanes, TVector>(shifted);
        var above = Third<TLanes, TVector>(shifted);
        var code = TLanes.Subtract(shifted, TLanes.Add(above, TLanes.ShiftLeft(above, 1)));
        return TLanes.ShiftLeft(code, FractionBits);
    }

    /// <summary>A third of each half, rounded down: 171 / 512 is close enough for every byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Third<TLanes, TVector>(TVector halves)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.And(TLanes.ShiftRight(TLanes.Multiply(halves, TLanes.Splat(171)), 9), TLanes.Splat(0x007f007f));
}
