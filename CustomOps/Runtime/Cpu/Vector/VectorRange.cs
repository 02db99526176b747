using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// The range of a group from three extremes of the elements' bits, as <see cref="GroupRange.FromBits"/> explains: three
/// instructions a vector, NaN and infinity included. Elements of 2 bytes are compared as they are, two in a lane, and
/// <see cref="NarrowRanges{TLanes, TVector, TElement}"/> makes ranges of their extremes.
/// </summary>
internal static unsafe class VectorRange<TLanes, TVector, TElement>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TElement : struct, IScalarElement, IVectorElement
{
    private static bool IsNarrow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TElement.Size == sizeof(ushort);
    }

    private static int Step
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsNarrow ? 2 * TLanes.Count : TLanes.Count;
    }

    /// <summary>Whether the group has a whole vector; shorter ones are left to the scalar kernel.</summary>
    public static bool CanScan(int length) => length >= Step;

    /// <summary>The range of a group that <see cref="CanScan"/>, for elements of 4 and 8 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GroupRange Scan<TStepAlone>(byte* x, int length)
        where TStepAlone : struct, IFlag
    {
        var (signed, largest, smallest) = Extremes<TStepAlone>(x, length);
        return TStepAlone.IsOn
            ? GroupRange.FromMagnitude(TLanes.LargestUnsigned(largest))
            : GroupRange.FromBits(
                TLanes.LargestSigned(signed), TLanes.LargestUnsigned(largest), TLanes.SmallestUnsigned(smallest));
    }

    /// <summary>The extremes of a group that <see cref="CanScan"/>, lane by lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector Signed, TVector Largest, TVector Smallest) Extremes<TStepAlone>(byte* x, int length)
        where TStepAlone : struct, IFlag
    {
        var largest = Load<TStepAlone>(x);
        var (signed, smallest) = (largest, largest);
        // The last vector may overlap the one before: a value counted twice does not change the range.
        var last = x + (long)(length - Step) * TElement.Size;
        for (x += Step * TElement.Size; x < last; x += Step * TElement.Size)
            Widen<TStepAlone>(Load<TStepAlone>(x), ref signed, ref largest, ref smallest);
        Widen<TStepAlone>(Load<TStepAlone>(last), ref signed, ref largest, ref smallest);
        return (signed, largest, smallest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen<TStepAlone>(TVector bits, ref TVector signed, ref TVector largest, ref TVector smallest)
        where TStepAlone : struct, IFlag
    {
        largest = IsNarrow ? TLanes.MaxUnsigned16(largest, bits) : TLanes.MaxUnsigned(largest, bits);
        if (TStepAlone.IsOn)
            return;
        signed = IsNarrow ? TLanes.MaxSigned16(signed, bits) : TLanes.MaxSigned(signed, bits);
        smallest = IsNarrow ? TLanes.MinUnsigned16(smallest, bits) : TLanes.MinUnsigned(smallest, bits);
    }

    /// <summary>Bits of elements; where the step stands alone their magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load<TStepAlone>(byte* x)
        where TStepAlone : struct, IFlag
    {
        var bits = TElement.Size == sizeof(double) ? TLanes.Load64(x) : TLanes.Load32(x);
        return TStepAlone.IsOn ? TLanes.And(bits, TLanes.Splat(IsNarrow ? 0x7fff7fffu : 0x7fffffffu)) : bits;
    }
}
