using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>Levels from the minimum on, a step apart.</summary>
internal readonly struct UniformGrid : IVectorGrid
{
    public static bool HasStepAlone => false;

    public static bool IsPlaced => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Quantize<TLanes, TVector, TElement>(
        TVector placed, TVector offset, TVector scale, TVector integers, int fractionBits)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TElement : struct, IVectorElement =>
        TLanes.AddFloat(TLanes.MultiplyFloat(TLanes.AddFloat(placed, offset), scale), integers);
}
