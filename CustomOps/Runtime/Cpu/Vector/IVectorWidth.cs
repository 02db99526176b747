namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// How one code width joins the codes of a column and parts them again. Slots 2t and 2t + 1 travel as pair t: two
/// 16-bit halves of a lane, each with a code in its top bits above m fraction bits.
/// </summary>
internal interface IVectorWidth
{
    /// <summary>Codes of a column.</summary>
    public static abstract int Slots { get; }

    /// <summary>Bytes of a column.</summary>
    public static abstract int Bytes { get; }

    /// <summary>Whether the last column's last byte is left out when it would hold no element.</summary>
    public static abstract bool LastByteOnDemand { get; }

    /// <summary>m: the bits of a half below the code.</summary>
    public static abstract int FractionBits { get; }

    /// <summary>
    /// Adds the codes of a pair to a column; pairs come from the last to the first, the first call with 0.
    /// </summary>
    public static abstract TVector Join<TLanes, TVector>(TVector column, TVector pair, int index)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    /// <summary>From joined halves to the column's value, in the low bits of the lane.</summary>
    public static abstract TVector Finish<TLanes, TVector>(TVector halves)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    /// <summary>The inverse of <see cref="Finish"/>; bits that hold no code may be anything.</summary>
    public static abstract TVector Begin<TLanes, TVector>(TVector column)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;

    /// <summary>The codes of a pair, in the top bits of each half; the bits below may be anything.</summary>
    public static abstract TVector Part<TLanes, TVector>(TVector halves, int index)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct;
}
