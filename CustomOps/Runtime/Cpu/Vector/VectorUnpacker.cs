using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary><see cref="Scalar.ScalarUnpacker{TElement}"/> for a vector of columns at a time.</summary>
internal sealed unsafe class VectorUnpacker<TLanes, TVector, TElement, TWidth, TDither, TZeroExact, TNonzero, TSquared>
    : GroupUnpacker
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TElement : struct, IVectorElement
    where TWidth : struct, IVectorWidth
    where TDither : struct, IFlag
    where TZeroExact : struct, IFlag
    where TNonzero : struct, IFlag
    where TSquared : struct, IFlag
{
    /// <summary>Counters of neighbouring columns are so far apart, after the first multiplication.</summary>
    private static uint ColumnStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => unchecked((uint)(TWidth.Slots / 2) * CounterRandom.FirstFactor);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Decode(
        byte* packed, ReadOnlySpan<GroupSpan> groups, ReadOnlySpan<DecodeParameters> parameters, ulong tensorKey, void* y)
    {
        var end = groups[^1].Start + groups[^1].Length;
        for (var i = 0; i < groups.Length; i++)
        {
            ref readonly var group = ref groups[i];
            var columns = GroupColumns.Create<TWidth>(group.Length, TLanes.Count);
            var groupKey = CounterRandom.GroupKey(tensorKey, group.Start);
            if (columns.End > 0)
                DecodeColumns<Whole>(packed, group, columns, 0, columns.End, parameters[i], groupKey, y);
            if (columns.HasRest && GroupColumns.IsLoose<TWidth>(group, end, columns.Columns, TLanes.Count))
                DecodeRest<Loose>(packed, group, columns, parameters[i], groupKey, y);
            else if (columns.HasRest)
                DecodeRest<Masked>(packed, group, columns, parameters[i], groupKey, y);
        }
    }

    /// <summary>The columns after the whole vectors.</summary>
    /// <remarks>A method of its own because the compiler inlines only so much into one.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void DecodeRest<TReach>(
        byte* packed, in GroupSpan group, in GroupColumns columns, in DecodeParameters parameters, ulong groupKey, void* y)
        where TReach : struct, IReach =>
        DecodeColumns<TReach>(packed, group, columns, columns.Rest, columns.Columns, parameters, groupKey, y);

    /// <summary>Vectors of columns; where the last has no room, it overlaps the one before, to the same bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeColumns<TReach>(
        byte* packed, in GroupSpan group, in GroupColumns columns, int column, int end, in DecodeParameters parameters,
        ulong groupKey, void* y)
        where TReach : struct, IReach
    {
        var first = (byte*)y + group.Start * TElement.Size;
        var codes = packed + group.CodeOffset;
        var (length, count, last) = (group.Length, columns.Columns, Math.Max(0, columns.Last));
        var offset = TLanes.Splat(BitConverter.SingleToUInt32Bits(TNonzero.IsOn ? 1f + parameters.Zero : parameters.Offset));
        var scale = TLanes.Splat(BitConverter.SingleToUInt32Bits(parameters.Scale));
        var zero = TLanes.Splat(BitConverter.SingleToUInt32Bits(parameters.Zero));
        var lowKey = TLanes.Add(TLanes.Multiply(TLanes.Indices, TLanes.Splat(ColumnStride)), TLanes.Splat((uint)groupKey));
        var highKey = TLanes.Splat((uint)(groupKey >> 32));
        for (; column < end; column += TLanes.Count)
            Step<TReach>(codes, length, count, Math.Min(column, last), offset, scale, zero, lowKey, highKey, first);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TReach>(
        byte* codes, int length, int columns, int column, TVector offset, TVector scale, TVector zero, TVector lowKey,
        TVector highKey, byte* y)
        where TReach : struct, IReach
    {
        // Written out, because only constant shift counts make one instruction. In order, because a loose step's vector may
        // run into the next pair's place.
        var counters = TLanes.Add(lowKey, TLanes.Splat((uint)column * ColumnStride));
        var halves = TWidth.Begin<TLanes, TVector>(Read<TReach>(codes, length, columns, column));
        PartPair<TReach>(halves, 0, length, columns, column, offset, scale, zero, counters, highKey, y);
        if (TWidth.Slots > 2)
            PartPair<TReach>(halves, 1, length, columns, column, offset, scale, zero, counters, highKey, y);
        if (TWidth.Slots > 4)
            PartPair<TReach>(halves, 2, length, columns, column, offset, scale, zero, counters, highKey, y);
        if (TWidth.Slots > 6)
            PartPair<TReach>(halves, 3, length, columns, column, offset, scale, zero, counters, highKey, y);
        if (TWidth.Slots > 8)
            PartPair<TReach>(halves, 4, length, columns, column, offset, scale, zero, counters, highKey, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PartPair<TReach>(
        TVector halves, int pair, int length, int columns, int column, TVector offset, TVector scale, TVector zero,
        TVector counters, TVector highKey, byte* y)
        where TReach : struct, IReach
    {
        var codeMask = TLanes.Splat(((1u << 16) - (1u << TWidth.FractionBits)) * 0x10001);
        var codes = TWidth.Part<TLanes, TVector>(halves, pair);
        if (TDither.IsOn && !TNonzero.IsOn)
        {
            var counter = pair == 0 ? counters : TLanes.Add(counters, TLanes.Splat((uint)pair * CounterRandom.FirstFactor));
            var random = VectorRandom.Words<TLanes, TVector>(counter, highKey);
            codes = TLanes.Select(codeMask, codes, TLanes.Xor(random, TLanes.Splat(uint.MaxValue)));
        }
        else
        {
            codes = TLanes.And(codes, codeMask);
        }

        var (first, second) = VectorMemory<TLanes, TVector, TElement>.Part(codes);
        first = Value(first, offset, scale, zero);
        second = Value(second, offset, scale, zero);
        var index = 2 * (pair * columns + column);
        var target = y + (long)index * TElement.Size;
        if (TReach.IsMasked)
        {
            VectorMemory<TLanes, TVector, TElement>.StoreFirst(
                first, second, target, Math.Min(2 * (columns - column), length - index));
        }
        else
        {
            VectorMemory<TLanes, TVector, TElement>.Store(first, second, target);
        }
    }

    /// <summary>The value of a code with its fraction bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Value(TVector code, TVector offset, TVector scale, TVector zero)
    {
        var value = TNonzero.IsOn
            ? offset
            : TLanes.AddFloat(TLanes.MultiplyFloat(LevelOf(code), scale), offset);
        if (!TZeroExact.IsOn && !TNonzero.IsOn)
            return value;
        var isZero = TLanes.LessSigned(code, TLanes.Splat(1u << TWidth.FractionBits));
        return TLanes.Select(isZero, zero, value);
    }

    /// <summary>A code with its fraction bits as a number; on a squared grid the square of the code alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector LevelOf(TVector code)
    {
        if (!TSquared.IsOn) return TLanes.ToFloat(code);
        var level = TLanes.ToFloat(TLanes.ShiftRight(code, TWidth.FractionBits));
        return TLanes.MultiplyFloat(level, level);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Read<TReach>(byte* codes, int length, int columns, int column)
        where TReach : struct, IReach
    {
        var packed = ReadBytes<TReach>(codes + column, columns - column);
        if (TWidth.Bytes > 1)
        {
            var bytes = TWidth.LastByteOnDemand ? length - columns : columns;
            var second = ReadBytes<TReach>(codes + columns + column, bytes - column);
            packed = TLanes.Or(packed, TLanes.ShiftLeft(second, 8));
        }

        if (TWidth.Bytes > 2)
        {
            var third = ReadBytes<TReach>(codes + 2 * columns + column, columns - column);
            packed = TLanes.Or(packed, TLanes.ShiftLeft(third, 16));
        }

        return packed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector ReadBytes<TReach>(byte* codes, int available)
        where TReach : struct, IReach =>
        TReach.IsMasked ? TLanes.LoadFirst8(codes, available) : TLanes.Load8(codes);
}
