using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>2 codes of 4 bits in a byte.</summary>
internal readonly struct FourBitWidth : IVectorWidth
{
    private const int CodeBits = 4;

    public static int Slots => 2;

    public static int Bytes => 1;

    public static bool LastByteOnDemand => false;

    public static int FractionBits => 16 - CodeBits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Join<TLanes, TVector>(TVector column, TVector pair, int index)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        WholeBits.Join<TLanes, TVector>(column, pair, index, CodeBits, Slots);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Finish<TLanes, TVector>(TVector halves)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        WholeBits.Finish<TLanes, TVector>(halves, Bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Begin<TLanes, TVector>(TVector column)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        WholeBits.Begin<TLanes, TVector>(column, Bytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Part<TLanes, TVector>(TVector halves, int index)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        WholeBits.Part<TLanes, TVector>(halves, index, CodeBits, Slots);
}
