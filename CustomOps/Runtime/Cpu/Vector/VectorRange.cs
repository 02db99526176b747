using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// The range of a group from three extremes of the elements' bits, as <see cref="GroupRange.FromBits"/> explains: three
/// instructions a vector, NaN and infinity included. 16-bit elements are compared as they are, two in a lane.
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

    /// <summary>The range of a group that <see cref="CanScan"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GroupRange Scan<TZeroExact>(byte* x, int length)
        where TZeroExact : struct, IFlag
    {
        var largest = Load<TZeroExact>(x);
        var (signed, smallest) = (largest, largest);
        for (var i = Step; i + Step <= length; i += Step)
            Widen<TZeroExact>(Load<TZeroExact>(x + (long)i * TElement.Size), ref signed, ref largest, ref smallest);
        // The last vector may overlap the one before: a value counted twice does not change the range.
        var last = x + (long)(length - Step) * TElement.Size;
        Widen<TZeroExact>(Load<TZeroExact>(last), ref signed, ref largest, ref smallest);
        if (IsNarrow)
            return Narrow<TZeroExact>(signed, largest, smallest);
        return TZeroExact.IsOn
            ? GroupRange.FromMagnitude(TLanes.LargestUnsigned(largest))
            : GroupRange.FromBits(
                TLanes.LargestSigned(signed), TLanes.LargestUnsigned(largest), TLanes.SmallestUnsigned(smallest));
    }

    /// <summary>The range by the extremes of elements of 2 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static GroupRange Narrow<TZeroExact>(TVector signed, TVector largest, TVector smallest)
        where TZeroExact : struct, IFlag
    {
        var top = TLanes.LargestUnsigned16(largest);
        if (TZeroExact.IsOn)
            return GroupRange.FromMagnitude(Wide(top));
        var (highest, lowest) = (TLanes.LargestSigned16(signed), TLanes.SmallestUnsigned16(smallest));
        return GroupRange.FromBits((int)Wide((ushort)highest), Wide(top), Wide(lowest));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen<TZeroExact>(TVector bits, ref TVector signed, ref TVector largest, ref TVector smallest)
        where TZeroExact : struct, IFlag
    {
        largest = IsNarrow ? TLanes.MaxUnsigned16(largest, bits) : TLanes.MaxUnsigned(largest, bits);
        if (TZeroExact.IsOn)
            return;
        signed = IsNarrow ? TLanes.MaxSigned16(signed, bits) : TLanes.MaxSigned(signed, bits);
        smallest = IsNarrow ? TLanes.MinUnsigned16(smallest, bits) : TLanes.MinUnsigned(smallest, bits);
    }

    /// <summary>Bits of elements; of zero-exact tensors the magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load<TZeroExact>(byte* x)
        where TZeroExact : struct, IFlag
    {
        var bits = TElement.Size == sizeof(double) ? TLanes.Load64(x) : TLanes.Load32(x);
        return TZeroExact.IsOn ? TLanes.And(bits, TLanes.Splat(IsNarrow ? 0x7fff7fffu : 0x7fffffffu)) : bits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Wide(ushort bits) => BitConverter.SingleToUInt32Bits(TElement.Read(&bits, 0));
}
