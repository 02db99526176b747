using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// <see cref="VectorRange{TLanes, TVector, TElement}"/> for elements of 2 bytes: the extremes of eight groups are
/// searched at once, so that what is left to do for a group is an eighth of some vector instructions.
/// </summary>
internal static unsafe class NarrowRanges<TLanes, TVector, TElement>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TElement : struct, IScalarElement, IVectorElement
{
    /// <summary>Groups that are searched at once.</summary>
    public const int Together = 8;

    /// <summary>Whether all groups have a whole vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanScan(ReadOnlySpan<GroupSpan> groups)
    {
        foreach (ref readonly var group in groups)
        {
            if (!VectorRange<TLanes, TVector, TElement>.CanScan(group.Length))
                return false;
        }

        return true;
    }

    /// <summary>The ranges of up to <see cref="Together"/> groups that <see cref="CanScan"/>.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Scan<TStepAlone>(void* x, ReadOnlySpan<GroupSpan> groups, Span<GroupRange> ranges)
        where TStepAlone : struct, IFlag
    {
        var signed = stackalloc Vector128<short>[Together];
        var largest = stackalloc Vector128<short>[Together];
        var smallest = stackalloc Vector128<short>[Together];
        for (var i = 0; i < groups.Length; i++)
        {
            ref readonly var group = ref groups[i];
            var extremes = VectorRange<TLanes, TVector, TElement>.Extremes<TStepAlone>(
                (byte*)x + group.Start * sizeof(ushort), group.Length);
            // With other bits the largest and the smallest unsigned number are the largest signed one.
            largest[i] = TLanes.LargestUnsigned16(extremes.Largest).AsInt16() ^ Vector128.Create(short.MinValue);
            if (TStepAlone.IsOn)
                continue;
            signed[i] = TLanes.LargestSigned16(extremes.Signed).AsInt16();
            smallest[i] = TLanes.SmallestUnsigned16(extremes.Smallest).AsInt16() ^ Vector128.Create(short.MaxValue);
        }

        if (groups.Length == Together)
        {
            Describe<TStepAlone>(signed, largest, smallest, ranges);
            return;
        }

        Span<GroupRange> all = stackalloc GroupRange[Together];
        Describe<TStepAlone>(signed, largest, smallest, all);
        all[..groups.Length].CopyTo(ranges);
    }

    /// <summary>The ranges of eight groups from their extremes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Describe<TStepAlone>(
        Vector128<short>* signed, Vector128<short>* largest, Vector128<short>* smallest, Span<GroupRange> ranges)
        where TStepAlone : struct, IFlag
    {
        var top = Largest(largest) ^ Vector128.Create(short.MinValue);
        if (TStepAlone.IsOn)
        {
            Describe(Vector128<short>.Zero, top, ranges);
            return;
        }

        // As GroupRange.FromBits.
        var (highest, nearest) = (Largest(signed), Largest(smallest) ^ Vector128.Create(short.MaxValue));
        Describe(
            Vector128.ConditionalSelect(Vector128.LessThan(top, Vector128<short>.Zero), top, nearest),
            Vector128.ConditionalSelect(Vector128.LessThan(highest, Vector128<short>.Zero), nearest, highest), ranges);
    }

    /// <summary>The largest number of each of eight vectors, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Largest(Vector128<short>* vectors)
    {
        var first = OfPairs(OfHalves(vectors[0], vectors[1]), OfHalves(vectors[2], vectors[3])).AsUInt32();
        var second = OfPairs(OfHalves(vectors[4], vectors[5]), OfHalves(vectors[6], vectors[7])).AsUInt32();
        return Vector128.Max(
            Vector128.Narrow(first, second).AsInt16(), Vector128.Narrow(first >>> 16, second >>> 16).AsInt16());
    }

    /// <summary>Four numbers of each vector, among which its largest are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> OfHalves(Vector128<short> first, Vector128<short> second)
    {
        var isLower = Vector128.CreateScalar(ulong.MaxValue).AsInt16();
        return Vector128.Max(
            Vector128.ConditionalSelect(isLower, first, Swap(second)),
            Vector128.ConditionalSelect(isLower, Swap(first), second));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> Swap(Vector128<short> halves) =>
        Vector128.Shuffle(halves.AsUInt64(), Vector128.Create(1ul, 0)).AsInt16();

    /// <summary>Two of each four numbers, among which their largest are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> OfPairs(Vector128<short> first, Vector128<short> second)
    {
        var (a, b) = (first.AsUInt64(), second.AsUInt64());
        return Vector128.Max(Vector128.Narrow(a, b).AsInt16(), Vector128.Narrow(a >>> 32, b >>> 32).AsInt16());
    }

    /// <summary>The ranges of eight groups from the bits of their smallest and largest elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Describe(Vector128<short> minimum, Vector128<short> maximum, Span<GroupRange> ranges)
    {
        var finite = Vector128.Create((short)(TElement.Infinity - 1));
        var isInfinite = Vector128.GreaterThan(minimum & Vector128.Create(short.MaxValue), finite)
            | Vector128.GreaterThan(maximum & Vector128.Create(short.MaxValue), finite);
        var (low, high) = (minimum.AsUInt16(), maximum.AsUInt16());
        var target = MemoryMarshal.Cast<GroupRange, ulong>(ranges);
        Describe(
            Vector128.WidenLower(low) | Vector128.WidenLower(high) << 16, Vector128.WidenLower(isInfinite), target);
        Describe(
            Vector128.WidenUpper(low) | Vector128.WidenUpper(high) << 16, Vector128.WidenUpper(isInfinite),
            target[(Together / 2)..]);
    }

    /// <summary>The ranges of four groups from their smallest elements, in the low halves, and their largest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Describe(Vector128<uint> extremes, Vector128<int> isInfinite, Span<ulong> ranges)
    {
        var minimum = Value(TElement.PlaceEven<Vector128Lanes, Vector128<uint>>(extremes), isInfinite);
        var maximum = Value(TElement.PlaceOdd<Vector128Lanes, Vector128<uint>>(extremes), isInfinite);
        (Vector128.WidenLower(minimum) | Vector128.WidenLower(maximum) << 32).CopyTo(ranges);
        (Vector128.WidenUpper(minimum) | Vector128.WidenUpper(maximum) << 32).CopyTo(ranges[Vector128<ulong>.Count..]);
    }

    /// <summary>Values of placed numbers, −0 as +0; NaN of infinite ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Value(Vector128<uint> placed, Vector128<int> isInfinite)
    {
        var value = Placed<Vector128Lanes, Vector128<uint>, TElement>.ToValue(placed).AsSingle();
        return (value + Vector128<float>.Zero).AsUInt32() | isInfinite.AsUInt32();
    }
}
