using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>Level 0 is 0 alone, the others from 0 on.</summary>
internal readonly struct ZeroExactGrid : IVectorGrid
{
    public static bool HasStepAlone => true;

    /// <inheritdoc/>
    /// <remarks>The minimum is the step's negative, which may be too small for a placed number.</remarks>
    public static bool IsPlaced => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Quantize<TLanes, TVector, TElement>(
        TVector placed, TVector offset, TVector scale, TVector integers, int fractionBits)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TElement : struct, IVectorElement
    {
        var above = Placed<TLanes, TVector, TElement>.AddValue(placed, offset);
        var integer = TLanes.AddFloat(TLanes.MultiplyFloat(above, scale), integers);
        return TLanes.Select(TLanes.LessSigned(TLanes.Splat(0), placed), integer, TLanes.Splat(0));
    }
}
