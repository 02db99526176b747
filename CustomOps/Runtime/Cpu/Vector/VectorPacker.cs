using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.CustomOps.Cpu.Scalar;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// <see cref="ScalarPacker{TElement}"/> for a vector of columns at a time. Two vectors of values become integers
/// q = round((x − minimum) · scale) in the low 16 bits of each lane by adding 2^23 as a float; joined, they are a
/// vector of 16-bit numbers, so that one addition of random bits rounds both.
/// </summary>
internal sealed unsafe class VectorPacker<TLanes, TVector, TElement, TWidth, TGrid>(
    ScalarPacker<TElement> scalar, CodeWidth width) : GroupPacker
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TElement : struct, IScalarElement, IVectorElement
    where TWidth : struct, IVectorWidth
    where TGrid : struct, IVectorGrid
{
    /// <summary>From it to 2^24 floats are the integers, their low bits the number.</summary>
    private const float TwoTo23 = 1 << 23;

    /// <summary>
    /// What the numbers q come out in of placed elements, for whose scale there may be no float: 2^-48. Such elements'
    /// minima have so few bits that the difference is exact where it is subnormal.
    /// </summary>
    private const float PlacedUnit = 1f / (1L << 48);

    /// <summary>How far apart the counters of neighbouring columns are, after the first multiplication.</summary>
    private static uint ColumnStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => VectorRandom.ColumnStride(TWidth.Slots);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Ranges(void* x, ReadOnlySpan<GroupSpan> groups, Span<GroupRange> ranges)
    {
        if (TElement.Size == sizeof(ushort))
        {
            NarrowRanges(x, groups, ranges);
            return;
        }

        for (var i = 0; i < groups.Length; i++)
        {
            ref readonly var group = ref groups[i];
            ranges[i] = VectorRange<TLanes, TVector, TElement>.CanScan(group.Length)
                ? Scan((byte*)x + group.Start * TElement.Size, group.Length)
                : scalar.Range(x, group);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void NarrowRanges(void* x, ReadOnlySpan<GroupSpan> groups, Span<GroupRange> ranges)
    {
        for (var i = 0; i < groups.Length; i += NarrowRanges<TLanes, TVector, TElement>.Together)
        {
            var count = Math.Min(NarrowRanges<TLanes, TVector, TElement>.Together, groups.Length - i);
            var some = groups.Slice(i, count);
            var found = ranges.Slice(i, count);
            if (!NarrowRanges<TLanes, TVector, TElement>.CanScan(some))
                scalar.Ranges(x, some, found);
            else if (TGrid.HasStepAlone)
                NarrowRanges<TLanes, TVector, TElement>.Scan<On>(x, some, found);
            else
                NarrowRanges<TLanes, TVector, TElement>.Scan<Off>(x, some, found);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static GroupRange Scan(byte* x, int length) => TGrid.HasStepAlone
        ? VectorRange<TLanes, TVector, TElement>.Scan<On>(x, length)
        : VectorRange<TLanes, TVector, TElement>.Scan<Off>(x, length);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Encode(
        void* x, ReadOnlySpan<GroupSpan> groups, ReadOnlySpan<EncodeParameters> parameters, ulong tensorKey,
        byte* packed)
    {
        var end = groups[^1].Start + groups[^1].Length;
        for (var i = 0; i < groups.Length; i++)
        {
            ref readonly var group = ref groups[i];
            if (!parameters[i].IsValid)
            {
                Clear(width, group, packed);
                continue;
            }

            var columns = GroupColumns.Create<TWidth>(group.Length, TLanes.Count);
            var groupKey = CounterRandom.GroupKey(tensorKey, group.Start);
            if (columns.End > 0)
                EncodeColumns<Whole>(x, group, columns, 0, columns.End, parameters[i], groupKey, packed);
            if (columns.HasRest && GroupColumns.IsLoose<TWidth>(group, end, columns.Columns, TLanes.Count))
                EncodeRest<Loose>(x, group, columns, parameters[i], groupKey, packed);
            else if (columns.HasRest)
                EncodeRest<Masked>(x, group, columns, parameters[i], groupKey, packed);
        }
    }

    /// <summary>The columns after the whole vectors.</summary>
    /// <remarks>A method of its own because the compiler inlines only so much into one.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void EncodeRest<TReach>(
        void* x, in GroupSpan group, in GroupColumns columns, in EncodeParameters parameters, ulong groupKey,
        byte* packed)
        where TReach : struct, IReach =>
        EncodeColumns<TReach>(x, group, columns, columns.Rest, columns.Columns, parameters, groupKey, packed);

    /// <summary>Vectors of columns; where the last has no room, it overlaps the one before, to the same bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void EncodeColumns<TReach>(
        void* x, in GroupSpan group, in GroupColumns columns, int column, int end, in EncodeParameters parameters,
        ulong groupKey, byte* packed)
        where TReach : struct, IReach
    {
        var first = (byte*)x + group.Start * TElement.Size;
        var codes = packed + group.CodeOffset;
        var (length, count, last) = (group.Length, columns.Columns, Math.Max(0, columns.Last));
        var placement = TGrid.IsPlaced ? TElement.Placement : 1f;
        var unit = placement == 1f ? 1f : PlacedUnit;
        var offset = TLanes.Splat(BitConverter.SingleToUInt32Bits(-parameters.Minimum * placement));
        var scale = TLanes.Splat(BitConverter.SingleToUInt32Bits(parameters.Scale * (unit / placement)));
        var integers = TLanes.Splat(BitConverter.SingleToUInt32Bits(TwoTo23 * unit));
        var highKey = TLanes.Splat((uint)(groupKey >> 32));
        var counters = VectorRandom.Counters<TLanes, TVector>(groupKey, column, ColumnStride);
        for (; column < end; column += TLanes.Count)
        {
            if (column > last)
            {
                column = last;
                counters = VectorRandom.Counters<TLanes, TVector>(groupKey, column, ColumnStride);
            }

            Step<TReach>(first, length, count, column, offset, scale, integers, counters, highKey, codes);
            counters = TLanes.Add(counters, TLanes.Splat((uint)TLanes.Count * ColumnStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TReach>(
        byte* x, int length, int columns, int column, TVector offset, TVector scale, TVector integers, TVector counters,
        TVector highKey, byte* codes)
        where TReach : struct, IReach
    {
        // Written out, because only constant shift counts make one instruction.
        var halves = TLanes.Splat(0);
        if (TWidth.Slots > 8)
        {
            halves = JoinPairs<TReach>(
                halves, 4, x, length, columns, column, offset, scale, integers, counters, highKey);
        }

        if (TWidth.Slots > 4)
        {
            halves = JoinPairs<TReach>(
                halves, 2, x, length, columns, column, offset, scale, integers, counters, highKey);
        }

        halves = JoinPairs<TReach>(halves, 0, x, length, columns, column, offset, scale, integers, counters, highKey);

        var packed = TWidth.Finish<TLanes, TVector>(halves);
        Write<TReach>(packed, codes + column, columns - column);
        if (TWidth.Bytes > 1)
        {
            var bytes = TWidth.LastByteOnDemand ? length - columns : columns;
            Write<TReach>(TLanes.ShiftRight(packed, 8), codes + columns + column, bytes - column);
        }

        if (TWidth.Bytes > 2)
            Write<TReach>(TLanes.ShiftRight(packed, 16), codes + 2 * columns + column, columns - column);
    }

    /// <summary>The pairs that share a counter: the second, where the column has it, then the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector JoinPairs<TReach>(
        TVector halves, int pair, byte* x, int length, int columns, int column, TVector offset, TVector scale,
        TVector integers, TVector counters, TVector highKey)
        where TReach : struct, IReach
    {
        var counter = pair == 0
            ? counters
            : TLanes.Add(counters, TLanes.Splat((uint)pair / 2 * CounterRandom.FirstFactor));
        var mixed = VectorRandom.Mix<TLanes, TVector>(counter, highKey);
        if (pair + 1 < TWidth.Slots / 2)
            halves = JoinPair<TReach>(halves, pair + 1, x, length, columns, column, offset, scale, integers, mixed);
        return JoinPair<TReach>(halves, pair, x, length, columns, column, offset, scale, integers, mixed);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector JoinPair<TReach>(
        TVector halves, int pair, byte* x, int length, int columns, int column, TVector offset, TVector scale,
        TVector integers, TVector mixed)
        where TReach : struct, IReach
    {
        var index = 2 * (pair * columns + column);
        var source = x + (long)index * TElement.Size;
        var available = TReach.IsMasked ? Math.Min(2 * (columns - column), length - index) : length - index;
        var (first, second) = TReach.IsMasked
            ? VectorMemory<TLanes, TVector, TElement>.LoadFirst(source, available)
            : VectorMemory<TLanes, TVector, TElement>.Load(source);
        var quantized = VectorMemory<TLanes, TVector, TElement>.Join(
            TGrid.Quantize<TLanes, TVector, TElement>(first, offset, scale, integers, TWidth.FractionBits),
            TGrid.Quantize<TLanes, TVector, TElement>(second, offset, scale, integers, TWidth.FractionBits));
        // Places that hold no element get code 0; without masks only the last pair has such.
        if (TReach.IsMasked || (TReach.IsRagged && pair == TWidth.Slots / 2 - 1))
            quantized = TLanes.KeepFirst16(quantized, available);
        var random = VectorRandom.Words<TLanes, TVector>(mixed, pair);
        var fraction = TLanes.Splat(((1u << TWidth.FractionBits) - 1) * 0x10001);
        return TWidth.Join<TLanes, TVector>(halves, TLanes.Add(quantized, TLanes.And(random, fraction)), pair);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TReach>(TVector bytes, byte* codes, int available)
        where TReach : struct, IReach
    {
        if (TReach.IsMasked)
            TLanes.StoreFirst8(bytes, codes, available);
        else
            TLanes.Store8(bytes, codes);
    }
}
