using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>Level k is k² steps.</summary>
internal readonly struct SquaredGrid : IVectorGrid
{
    public static bool HasStepAlone => true;

    public static bool IsPlaced => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Quantize<TLanes, TVector, TElement>(
        TVector placed, TVector offset, TVector scale, TVector integers, int fractionBits)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TElement : struct, IVectorElement
    {
        var positive = TLanes.Select(TLanes.LessSigned(TLanes.Splat(0), placed), placed, TLanes.Splat(0));
        var steps = TLanes.MultiplyFloat(Placed<TLanes, TVector, TElement>.ToValue(positive), scale);
        var level = PlaceBetweenSquares<TLanes, TVector>(steps);
        var finest = TLanes.Splat(BitConverter.SingleToUInt32Bits(1 << fractionBits));
        return TLanes.AddFloat(TLanes.MultiplyFloat(level, finest), integers);
    }

    /// <summary>The level with its fraction; as the scalar kernel's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector PlaceBetweenSquares<TLanes, TVector>(TVector x)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var root = TLanes.FloorFloat(TLanes.RootFloat(x));
        var gap = TLanes.AddFloat(TLanes.AddFloat(root, root), TLanes.Splat(BitConverter.SingleToUInt32Bits(1f)));
        var part = TLanes.DivideFloat(TLanes.SubtractFloat(x, TLanes.MultiplyFloat(root, root)), gap);
        return TLanes.AddFloat(root, part);
    }
}
