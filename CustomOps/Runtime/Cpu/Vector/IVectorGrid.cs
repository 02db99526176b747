using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// Where the levels of a group lie: how values become numbers q. A type and no flag, because the compiler inlines only
/// so much into one method, what turns out dead included.
/// </summary>
internal interface IVectorGrid
{
    /// <summary>Whether there is no minimum to look for.</summary>
    public static abstract bool HasStepAlone { get; }

    /// <summary>Whether the minimum is subtracted from placed numbers, and not from values.</summary>
    public static abstract bool IsPlaced { get; }

    /// <summary>round((x − minimum) · scale) in the low 16 bits of each lane.</summary>
    /// <param name="placed">x, placed.</param>
    /// <param name="offset">The minimum, negative.</param>
    /// <param name="scale">2^m / step.</param>
    /// <param name="integers">2^23, or that part of it in whose parts x · scale comes out.</param>
    /// <param name="fractionBits">m.</param>
    public static abstract TVector Quantize<TLanes, TVector, TElement>(
        TVector placed, TVector offset, TVector scale, TVector integers, int fractionBits)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TElement : struct, IVectorElement;
}
