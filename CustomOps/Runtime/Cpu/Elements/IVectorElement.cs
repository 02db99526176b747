using OnnxActNN.CustomOps.Cpu.Vector;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>A type's elements in vectors: <see cref="IScalarElement"/> for all lanes at once, to the same bits.</summary>
internal interface IVectorElement
{
    /// <summary>Bytes of an element.</summary>
    public static abstract int Size { get; }

    /// <summary>From elements, zero-extended, to floats. Not used for elements of 8 bytes.</summary>
    public static abstract TVector ToFloat<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    /// <summary>From floats to elements in the low bits of each lane. Not used for elements of 8 bytes.</summary>
    public static abstract TVector FromFloat<TLanes, TVector>(TVector value)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;
}
