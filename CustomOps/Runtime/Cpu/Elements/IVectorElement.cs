using OnnxActNN.CustomOps.Cpu.Vector;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>
/// A type's elements in vectors: <see cref="IScalarElement"/> for all lanes at once, to the same bits. Elements of 4 and 8
/// bytes need nothing but their size; those of 2 bytes stand two in a lane and are converted there.
/// </summary>
internal interface IVectorElement
{
    /// <summary>Bytes of an element.</summary>
    public static abstract int Size { get; }

    /// <summary>The finite elements in the low halves, as floats. For elements of 2 bytes.</summary>
    public static abstract TVector EvenToFloat<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    /// <summary>The finite elements in the high halves, as floats. For elements of 2 bytes.</summary>
    public static abstract TVector OddToFloat<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    /// <summary>From floats to elements in the low and high halves. For elements of 2 bytes.</summary>
    public static abstract TVector FromFloats<TLanes, TVector>(TVector even, TVector odd)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;
}
