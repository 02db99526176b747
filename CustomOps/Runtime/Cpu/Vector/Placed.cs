using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>Arithmetic with placed numbers, of which most types' are the values themselves.</summary>
internal static class Placed<TLanes, TVector, TElement>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TElement : struct, IVectorElement
{
    /// <summary>From values to placed numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector FromValue(TVector value) =>
        TElement.Placement == 1f ? value : TLanes.MultiplyFloat(value, Splat(TElement.Placement));

    /// <summary>From placed numbers to values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector ToValue(TVector placed) =>
        TElement.Placement == 1f ? placed : TLanes.MultiplyFloat(placed, Splat(1f / TElement.Placement));

    /// <summary>Values of placed numbers, plus an addend.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector AddValue(TVector placed, TVector addend) => TElement.Placement == 1f
        ? TLanes.AddFloat(placed, addend)
        : TLanes.MultiplyAddExact(placed, Splat(1f / TElement.Placement), addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Splat(float value) => TLanes.Splat(BitConverter.SingleToUInt32Bits(value));
}
