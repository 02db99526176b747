using OnnxActNN.CustomOps.Cpu.Vector;

namespace OnnxActNN.CustomOps.Cpu.Elements;

/// <summary>
/// A type's elements in vectors: <see cref="IScalarElement"/> for all lanes at once, to the same bits. Elements of 4
/// and 8 bytes need nothing but their size; those of 2 bytes stand two in a lane. A placed number is a float in whose
/// bits an element's can be found: the value times a power of two, <see cref="Placement"/>.
/// </summary>
internal interface IVectorElement
{
    /// <summary>Bytes of an element.</summary>
    public static abstract int Size { get; }

    /// <summary>A placed number over its value.</summary>
    public static abstract float Placement { get; }

    /// <summary>
    /// What codes are counted in where values come out placed. For elements whose placement is not 1.
    /// </summary>
    public static abstract float CodeUnit { get; }

    /// <summary>The bits of infinity. For elements of 2 bytes.</summary>
    public static abstract ushort Infinity { get; }

    /// <summary>The finite elements in the low halves, placed. For elements of 2 bytes.</summary>
    public static abstract TVector PlaceEven<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    /// <summary>The finite elements in the high halves, placed. For elements of 2 bytes.</summary>
    public static abstract TVector PlaceOdd<TLanes, TVector>(TVector raw)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    /// <summary>Rounds placed numbers to elements in the low and high halves. For elements of 2 bytes.</summary>
    public static abstract TVector Round<TLanes, TVector>(TVector even, TVector odd)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;
}
