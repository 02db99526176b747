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
    /// <summary>
    /// Whether values come out placed: a code with its fraction bits, w, is the upper mantissa of
    /// (2^16 + w) · <see cref="IVectorElement.CodeUnit"/>, with no conversion.
    /// </summary>
    private static bool IsPlaced
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TElement.Placement != 1f && !TNonzero.IsOn && !TSquared.IsOn;
    }

    /// <summary>Bits of w = 0, where values come out placed.</summary>
    private static uint FirstCode
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsPlaced ? BitConverter.SingleToUInt32Bits((1 << 16) * TElement.CodeUnit) : 0;
    }

    /// <summary>How far apart the counters of neighbouring columns are, after the first multiplication.</summary>
    private static uint ColumnStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => VectorRandom.ColumnStride(TWidth.Slots);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Decode(
        byte* packed, ReadOnlySpan<GroupSpan> groups, ReadOnlySpan<DecodeParameters> parameters, ulong tensorKey,
        void* y)
    {
        var end = groups[^1].Start + groups[^1].Length;
        for (var i = 0; i < groups.Length; i++)
        {
            if (TNonzero.IsOn || IsPlaced || parameters[i].HasExactProducts)
                DecodeGroup<On>(packed, groups[i], end, parameters[i], tensorKey, y);
            else
                DecodeInexact(packed, groups[i], end, parameters[i], tensorKey, y);
        }
    }

    /// <summary>A group where products have a rounding of their own.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void DecodeInexact(
        byte* packed, in GroupSpan group, long end, in DecodeParameters parameters, ulong tensorKey, void* y) =>
        DecodeGroup<Off>(packed, group, end, parameters, tensorKey, y);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeGroup<TExact>(
        byte* packed, in GroupSpan group, long end, in DecodeParameters parameters, ulong tensorKey, void* y)
        where TExact : struct, IFlag
    {
        var columns = GroupColumns.Create<TWidth>(group.Length, TLanes.Count);
        var groupKey = CounterRandom.GroupKey(tensorKey, group.Start);
        if (columns.End > 0)
            DecodeColumns<Whole, TExact>(packed, group, columns, 0, columns.End, parameters, groupKey, y);
        if (columns.HasRest && GroupColumns.IsLoose<TWidth>(group, end, columns.Columns, TLanes.Count))
            DecodeRest<Loose, TExact>(packed, group, columns, parameters, groupKey, y);
        else if (columns.HasRest)
            DecodeRest<Masked, TExact>(packed, group, columns, parameters, groupKey, y);
    }

    /// <summary>The columns after the whole vectors.</summary>
    /// <remarks>A method of its own because the compiler inlines only so much into one.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void DecodeRest<TReach, TExact>(
        byte* packed, in GroupSpan group, in GroupColumns columns, in DecodeParameters parameters, ulong groupKey,
        void* y)
        where TReach : struct, IReach
        where TExact : struct, IFlag =>
        DecodeColumns<TReach, TExact>(packed, group, columns, columns.Rest, columns.Columns, parameters, groupKey, y);

    /// <summary>Vectors of columns; where the last has no room, it overlaps the one before, to the same bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void DecodeColumns<TReach, TExact>(
        byte* packed, in GroupSpan group, in GroupColumns columns, int column, int end, in DecodeParameters parameters,
        ulong groupKey, void* y)
        where TReach : struct, IReach
        where TExact : struct, IFlag
    {
        var first = (byte*)y + group.Start * TElement.Size;
        var codes = packed + group.CodeOffset;
        var (length, count, last) = (group.Length, columns.Columns, Math.Max(0, columns.Last));
        var line = IsPlaced ? parameters.Placed(TElement.Placement, TElement.CodeUnit) : parameters;
        var offset = Splat(TNonzero.IsOn ? 1f + parameters.Zero : line.Offset);
        var scale = Splat(line.Scale);
        var zero = Splat(parameters.Zero);
        var highKey = TLanes.Splat((uint)(groupKey >> 32));
        var counters = VectorRandom.Counters<TLanes, TVector>(groupKey, column, ColumnStride);
        for (; column < end; column += TLanes.Count)
        {
            if (column > last)
            {
                column = last;
                counters = VectorRandom.Counters<TLanes, TVector>(groupKey, column, ColumnStride);
            }

            Step<TReach, TExact>(codes, length, count, column, offset, scale, zero, counters, highKey, first);
            counters = TLanes.Add(counters, TLanes.Splat((uint)TLanes.Count * ColumnStride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Splat(float value) => TLanes.Splat(BitConverter.SingleToUInt32Bits(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TReach, TExact>(
        byte* codes, int length, int columns, int column, TVector offset, TVector scale, TVector zero, TVector counters,
        TVector highKey, byte* y)
        where TReach : struct, IReach
        where TExact : struct, IFlag
    {
        // Written out, because only constant shift counts make one instruction. In order, because a loose step's vector
        // may run into the next pair's place.
        var halves = TWidth.Begin<TLanes, TVector>(Read<TReach>(codes, length, columns, column));
        PartPairs<TReach, TExact>(halves, 0, length, columns, column, offset, scale, zero, counters, highKey, y);
        if (TWidth.Slots > 4)
            PartPairs<TReach, TExact>(halves, 2, length, columns, column, offset, scale, zero, counters, highKey, y);
        if (TWidth.Slots > 8)
            PartPairs<TReach, TExact>(halves, 4, length, columns, column, offset, scale, zero, counters, highKey, y);
    }

    /// <summary>The pairs that share a counter: the first, then the second where the column has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PartPairs<TReach, TExact>(
        TVector halves, int pair, int length, int columns, int column, TVector offset, TVector scale, TVector zero,
        TVector counters, TVector highKey, byte* y)
        where TReach : struct, IReach
        where TExact : struct, IFlag
    {
        var mixed = counters;
        if (TDither.IsOn && !TNonzero.IsOn)
        {
            if (pair > 0)
                mixed = TLanes.Add(counters, TLanes.Splat((uint)pair / 2 * CounterRandom.FirstFactor));
            mixed = VectorRandom.Mix<TLanes, TVector>(mixed, highKey);
        }

        PartPair<TReach, TExact>(halves, pair, length, columns, column, offset, scale, zero, mixed, y);
        if (pair + 1 < TWidth.Slots / 2)
            PartPair<TReach, TExact>(halves, pair + 1, length, columns, column, offset, scale, zero, mixed, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PartPair<TReach, TExact>(
        TVector halves, int pair, int length, int columns, int column, TVector offset, TVector scale, TVector zero,
        TVector mixed, byte* y)
        where TReach : struct, IReach
        where TExact : struct, IFlag
    {
        var codeMask = TLanes.Splat(((1u << 16) - (1u << TWidth.FractionBits)) * 0x10001);
        var codes = TWidth.Part<TLanes, TVector>(halves, pair);
        if (TDither.IsOn && !TNonzero.IsOn)
        {
            var random = VectorRandom.Words<TLanes, TVector>(mixed, pair);
            codes = TLanes.Select(codeMask, codes, TLanes.Xor(random, TLanes.Splat(uint.MaxValue)));
        }
        else
        {
            codes = TLanes.And(codes, codeMask);
        }

        var (first, second) = IsPlaced
            ? VectorMemory<TLanes, TVector, TElement>.PartAsMantissas(codes, FirstCode)
            : VectorMemory<TLanes, TVector, TElement>.Part(codes);
        first = Value<TExact>(first, offset, scale, zero);
        second = Value<TExact>(second, offset, scale, zero);
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

    /// <summary>The value of a code with its fraction bits, placed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Value<TExact>(TVector code, TVector offset, TVector scale, TVector zero)
        where TExact : struct, IFlag
    {
        var value = offset;
        if (IsPlaced)
            value = TLanes.MultiplyAdd(code, scale, offset);
        else if (!TNonzero.IsOn && TExact.IsOn)
            value = TLanes.MultiplyAddExact(LevelOf(code), scale, offset);
        else if (!TNonzero.IsOn)
            value = TLanes.AddFloat(TLanes.MultiplyFloat(LevelOf(code), scale), offset);
        if (TZeroExact.IsOn || TNonzero.IsOn)
        {
            var one = IsPlaced ? FirstCode + (1u << (TWidth.FractionBits + 7)) : 1u << TWidth.FractionBits;
            value = TLanes.Select(TLanes.LessSigned(code, TLanes.Splat(one)), zero, value);
        }

        return IsPlaced ? value : Placed<TLanes, TVector, TElement>.FromValue(value);
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
