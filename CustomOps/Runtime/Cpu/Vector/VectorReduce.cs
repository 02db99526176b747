using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>The smallest and the largest number of a vector, as 32-bit or pairs of 16-bit signed integers.</summary>
internal static class VectorReduce
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Min<TLanes, TVector>(TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var quad = TLanes.Quad(value, 0);
        for (var i = 1; i < TLanes.Count / 4; i++)
            quad = Vector128Lanes.MinSigned(quad, TLanes.Quad(value, i));
        quad = Vector128Lanes.MinSigned(quad, SwapPairs(quad));
        return (int)Vector128Lanes.MinSigned(quad, SwapLanes(quad)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Max<TLanes, TVector>(TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var quad = TLanes.Quad(value, 0);
        for (var i = 1; i < TLanes.Count / 4; i++)
            quad = Vector128Lanes.MaxSigned(quad, TLanes.Quad(value, i));
        quad = Vector128Lanes.MaxSigned(quad, SwapPairs(quad));
        return (int)Vector128Lanes.MaxSigned(quad, SwapLanes(quad)).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short Min16<TLanes, TVector>(TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var quad = TLanes.Quad(value, 0);
        for (var i = 1; i < TLanes.Count / 4; i++)
            quad = Vector128Lanes.MinSigned16(quad, TLanes.Quad(value, i));
        quad = Vector128Lanes.MinSigned16(quad, SwapPairs(quad));
        quad = Vector128Lanes.MinSigned16(quad, SwapLanes(quad));
        return (short)Vector128Lanes.MinSigned16(quad, quad >>> 16).ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short Max16<TLanes, TVector>(TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var quad = TLanes.Quad(value, 0);
        for (var i = 1; i < TLanes.Count / 4; i++)
            quad = Vector128Lanes.MaxSigned16(quad, TLanes.Quad(value, i));
        quad = Vector128Lanes.MaxSigned16(quad, SwapPairs(quad));
        quad = Vector128Lanes.MaxSigned16(quad, SwapLanes(quad));
        return (short)Vector128Lanes.MaxSigned16(quad, quad >>> 16).ToScalar();
    }

    private static Vector128<uint> SwapPairs(Vector128<uint> quad) =>
        Vector128.Shuffle(quad, Vector128.Create(2u, 3, 0, 1));

    private static Vector128<uint> SwapLanes(Vector128<uint> quad) =>
        Vector128.Shuffle(quad, Vector128.Create(1u, 0, 3, 2));
}
