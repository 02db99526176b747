using OnnxActNN.CustomOps.Cpu.Vector;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>Reads and writes a vector of elements of a type as floats; <see cref="IScalarElement"/> for a whole vector.</summary>
internal unsafe interface IVectorElement
{
    /// <summary>Bytes of an element.</summary>
    public static abstract int Size { get; }

    /// <summary>Loads a vector of elements as floats.</summary>
    public static abstract TVector Load<TLanes, TVector>(void* source)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    /// <summary>Stores a vector of floats as elements, rounded to nearest even.</summary>
    public static abstract void Store<TLanes, TVector>(TVector value, void* target)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;
}
