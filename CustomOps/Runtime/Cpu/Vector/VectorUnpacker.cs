using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary><see cref="Scalar.ScalarUnpacker{TElement}"/> for a vector of columns at a time.</summary>
internal sealed unsafe class VectorUnpacker<TLanes, TVector, TElement, TWidth, TDither, TZeroExact, TNonzero> : GroupUnpacker
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TElement : struct, IVectorElement
    where TWidth : struct, IVectorWidth
    where TDither : struct, IFlag
    where TZeroExact : struct, IFlag
    where TNonzero : struct, IFlag
{
    private const uint LowHalf = 0xffff;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Decode(
        byte* codes, int length, in DecodeParameters parameters, ulong groupKey, void* y, long start)
    {
        var first = (byte*)y + start * TElement.Size;
        var columns = (length + TWidth.Slots - 1) / TWidth.Slots;
        var offset = TLanes.Splat(BitConverter.SingleToUInt32Bits(
            TNonzero.IsOn ? 1f + parameters.Zero : parameters.Offset));
        var scale = TLanes.Splat(BitConverter.SingleToUInt32Bits(parameters.Scale));
        var zero = TLanes.Splat(BitConverter.SingleToUInt32Bits(parameters.Zero));
        var lowKey = TLanes.Add(TLanes.Indices, TLanes.Splat((uint)groupKey));
        var highKey = TLanes.Splat((uint)(groupKey >> 32));
        var whole = Math.Min(columns, length - (TWidth.Slots - 1) * columns);
        var column = 0;
        var last = columns - TLanes.Count;
        // When no place is empty, the last whole vector of columns may overlap the one before.
        var end = whole == columns && last >= 0 ? columns : whole - TLanes.Count + 1;
        for (; column < end; column += TLanes.Count)
            Step<Off>(codes, length, columns, Math.Min(column, last), offset, scale, zero, lowKey, highKey, first);
        if (column < columns)
            DecodeEnd(codes, length, columns, column, offset, scale, zero, lowKey, highKey, first);
    }

    /// <summary>The last columns; where there is room, the columns before are written again, to the same bits.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void DecodeEnd(
        byte* codes, int length, int columns, int column, TVector offset, TVector scale, TVector zero, TVector lowKey,
        TVector highKey, byte* y)
    {
        var last = Math.Max(0, columns - TLanes.Count);
        for (; column < columns; column += TLanes.Count)
            Step<On>(codes, length, columns, Math.Min(column, last), offset, scale, zero, lowKey, highKey, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TPartial>(
        byte* codes, int length, int columns, int column, TVector offset, TVector scale, TVector zero, TVector lowKey,
        TVector highKey, byte* y)
        where TPartial : struct, IFlag
    {
        // Written out, because only constant shift counts make one instruction.
        var halves = TWidth.Begin<TLanes, TVector>(Read<TPartial>(codes, length, columns, column));
        PartPair<TPartial>(halves, 0, length, columns, column, offset, scale, zero, lowKey, highKey, y);
        if (TWidth.Slots > 2)
            PartPair<TPartial>(halves, 1, length, columns, column, offset, scale, zero, lowKey, highKey, y);
        if (TWidth.Slots > 4)
            PartPair<TPartial>(halves, 2, length, columns, column, offset, scale, zero, lowKey, highKey, y);
        if (TWidth.Slots > 6)
            PartPair<TPartial>(halves, 3, length, columns, column, offset, scale, zero, lowKey, highKey, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PartPair<TPartial>(
        TVector halves, int pair, int length, int columns, int column, TVector offset, TVector scale, TVector zero,
        TVector lowKey, TVector highKey, byte* y)
        where TPartial : struct, IFlag
    {
        var slot = 2 * pair;
        var codeMask = TLanes.Splat(((1u << 16) - (1u << TWidth.FractionBits)) * 0x10001);
        var codes = TWidth.Part<TLanes, TVector>(halves, pair);
        if (TDither.IsOn && !TNonzero.IsOn)
        {
            var counter = TLanes.Add(lowKey, TLanes.Splat((uint)(slot * columns + column)));
            var random = VectorRandom.Words<TLanes, TVector>(counter, highKey);
            codes = TLanes.Select(codeMask, codes, TLanes.Xor(random, TLanes.Splat(uint.MaxValue)));
        }
        else
        {
            codes = TLanes.And(codes, codeMask);
        }

        var even = Value(TLanes.And(codes, TLanes.Splat(LowHalf)), offset, scale, zero);
        Write<TPartial>(even, length, columns, slot, column, y);
        if (slot + 1 < TWidth.Slots)
        {
            var odd = Value(TLanes.ShiftRight(codes, 16), offset, scale, zero);
            Write<TPartial>(odd, length, columns, slot + 1, column, y);
        }
    }

    /// <summary>The value of a code with its fraction bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Value(TVector code, TVector offset, TVector scale, TVector zero)
    {
        var value = TNonzero.IsOn
            ? offset
            : TLanes.AddFloat(TLanes.MultiplyFloat(TLanes.ToFloat(code), scale), offset);
        if (!TZeroExact.IsOn && !TNonzero.IsOn)
            return value;
        var isZero = TLanes.LessSigned(code, TLanes.Splat(1u << TWidth.FractionBits));
        return TLanes.Select(isZero, zero, value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Read<TPartial>(byte* codes, int length, int columns, int column)
        where TPartial : struct, IFlag
    {
        var packed = ReadBytes<TPartial>(codes + column, columns - column);
        if (TWidth.Bytes > 1)
        {
            var bytes = TWidth.Bytes == 2 ? length - columns : columns;
            var second = ReadBytes<TPartial>(codes + columns + column, bytes - column);
            packed = TLanes.Or(packed, TLanes.ShiftLeft(second, 8));
        }

        if (TWidth.Bytes > 2)
        {
            var third = ReadBytes<TPartial>(codes + 2 * columns + column, columns - column);
            packed = TLanes.Or(packed, TLanes.ShiftLeft(third, 16));
        }

        return packed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector ReadBytes<TPartial>(byte* codes, int available)
        where TPartial : struct, IFlag =>
        TPartial.IsOn ? TLanes.LoadFirst8(codes, available) : TLanes.Load8(codes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TPartial>(TVector value, int length, int columns, int slot, int column, byte* y)
        where TPartial : struct, IFlag
    {
        var index = (long)slot * columns + column;
        var target = y + index * TElement.Size;
        if (TPartial.IsOn)
        {
            var available = Math.Min(columns - column, length - slot * columns - column);
            VectorMemory<TLanes, TVector, TElement>.StoreFirst(value, target, available);
        }
        else
        {
            VectorMemory<TLanes, TVector, TElement>.Store(value, target);
        }
    }
}
