using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// <see cref="Scalar.ScalarPacker{TElement}"/> for a vector of columns at a time. A vector of values becomes integers
/// q = round((x − minimum) · scale) in the low 16 bits of each lane by adding 2^23 as a float; two slots share a lane, so that
/// one addition of random bits rounds both.
/// </summary>
internal sealed unsafe class VectorPacker<TLanes, TVector, TElement, TWidth, TZeroExact>(GroupPacker scalar)
    : GroupPacker
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TElement : struct, IScalarElement, IVectorElement
    where TWidth : struct, IVectorWidth
    where TZeroExact : struct, IFlag
{
    /// <summary>2^23 as a float's bits: from it to 2^24 floats are the integers, their low bits the number.</summary>
    private const uint TwoTo23 = (127 + 23) << 23;

    private const uint LowHalf = 0xffff;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override GroupRange Range(void* x, long start, int length)
    {
        if (!VectorRange<TLanes, TVector, TElement>.CanScan(length))
            return scalar.Range(x, start, length);
        var first = (byte*)x + start * TElement.Size;
        VectorRange<TLanes, TVector, TElement>.Scan<TZeroExact>(first, length, out var low, out var high);
        var (minimum, maximum) = TElement.Size == 2
            ? (WideKey(TLanes.SmallestSigned16(low)), WideKey(TLanes.LargestSigned16(high)))
            : (TLanes.SmallestSigned(low), TLanes.LargestSigned(high));
        return GroupRange.FromKeys(TZeroExact.IsOn ? 0 : minimum, maximum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Encode(
        void* x, long start, int length, in EncodeParameters parameters, ulong groupKey, byte* codes)
    {
        var first = (byte*)x + start * TElement.Size;
        var columns = (length + TWidth.Slots - 1) / TWidth.Slots;
        var minimum = TLanes.Splat(BitConverter.SingleToUInt32Bits(parameters.Minimum));
        var scale = TLanes.Splat(BitConverter.SingleToUInt32Bits(parameters.Scale));
        var lowKey = TLanes.Add(TLanes.Indices, TLanes.Splat((uint)groupKey));
        var highKey = TLanes.Splat((uint)(groupKey >> 32));
        var whole = Math.Min(columns, length - (TWidth.Slots - 1) * columns);
        var column = 0;
        var last = columns - TLanes.Count;
        // When no place is empty, the last whole vector of columns may overlap the one before.
        var end = whole == columns && last >= 0 ? columns : whole - TLanes.Count + 1;
        for (; column < end; column += TLanes.Count)
            Step<Off>(first, length, columns, Math.Min(column, last), minimum, scale, lowKey, highKey, codes);
        if (column < columns)
            EncodeEnd(first, length, columns, column, minimum, scale, lowKey, highKey, codes);
    }

    /// <summary>The last columns; where there is room, the columns before are written again, to the same bits.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void EncodeEnd(
        byte* x, int length, int columns, int column, TVector minimum, TVector scale, TVector lowKey, TVector highKey,
        byte* codes)
    {
        var last = Math.Max(0, columns - TLanes.Count);
        for (; column < columns; column += TLanes.Count)
            Step<On>(x, length, columns, Math.Min(column, last), minimum, scale, lowKey, highKey, codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TPartial>(
        byte* x, int length, int columns, int column, TVector minimum, TVector scale, TVector lowKey, TVector highKey,
        byte* codes)
        where TPartial : struct, IFlag
    {
        // Written out, because only constant shift counts make one instruction.
        var halves = TLanes.Splat(0);
        if (TWidth.Slots > 6)
            halves = JoinPair<TPartial>(halves, 3, x, length, columns, column, minimum, scale, lowKey, highKey);
        if (TWidth.Slots > 4)
            halves = JoinPair<TPartial>(halves, 2, x, length, columns, column, minimum, scale, lowKey, highKey);
        if (TWidth.Slots > 2)
            halves = JoinPair<TPartial>(halves, 1, x, length, columns, column, minimum, scale, lowKey, highKey);
        halves = JoinPair<TPartial>(halves, 0, x, length, columns, column, minimum, scale, lowKey, highKey);

        var packed = TWidth.Finish<TLanes, TVector>(halves);
        Write<TPartial>(packed, codes + column, columns - column);
        if (TWidth.Bytes > 1)
        {
            var bytes = TWidth.Bytes == 2 ? length - columns : columns;
            Write<TPartial>(TLanes.ShiftRight(packed, 8), codes + columns + column, bytes - column);
        }

        if (TWidth.Bytes > 2)
            Write<TPartial>(TLanes.ShiftRight(packed, 16), codes + 2 * columns + column, columns - column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector JoinPair<TPartial>(
        TVector halves, int pair, byte* x, int length, int columns, int column, TVector minimum, TVector scale,
        TVector lowKey, TVector highKey)
        where TPartial : struct, IFlag
    {
        var slot = 2 * pair;
        var even = Quantize<TPartial>(x, length, columns, slot, column, minimum, scale);
        var hasOdd = slot + 1 < TWidth.Slots;
        var odd = hasOdd ? Quantize<TPartial>(x, length, columns, slot + 1, column, minimum, scale) : TLanes.Splat(0);
        var rounded = TLanes.Select(TLanes.Splat(LowHalf), even, TLanes.ShiftLeft(odd, 16));
        var counter = TLanes.Add(lowKey, TLanes.Splat((uint)(slot * columns + column)));
        var random = VectorRandom.Words<TLanes, TVector>(counter, highKey);
        var fraction = TLanes.Splat(((1u << TWidth.FractionBits) - 1) * 0x10001);
        return TWidth.Join<TLanes, TVector>(halves, TLanes.Add(rounded, TLanes.And(random, fraction)), pair);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Quantize<TPartial>(
        byte* x, int length, int columns, int slot, int column, TVector minimum, TVector scale)
        where TPartial : struct, IFlag
    {
        var index = (long)slot * columns + column;
        var source = x + index * TElement.Size;
        TVector value;
        if (TPartial.IsOn)
        {
            var available = Math.Min(columns - column, length - slot * columns - column);
            value = VectorMemory<TLanes, TVector, TElement>.LoadFirst(source, available);
            // The minimum gives code 0 in the places that hold no element; so does 0 in zero-exact tensors.
            if (!TZeroExact.IsOn)
                value = TLanes.Select(TLanes.LessSigned(TLanes.Indices, TLanes.Splat((uint)available)), value, minimum);
        }
        else
        {
            value = VectorMemory<TLanes, TVector, TElement>.Load(source);
        }

        var scaled = TLanes.MultiplyFloat(TLanes.SubtractFloat(value, minimum), scale);
        var integer = TLanes.AddFloat(scaled, TLanes.Splat(TwoTo23));
        return TZeroExact.IsOn ? TLanes.And(integer, TLanes.LessSigned(TLanes.Splat(0), value)) : integer;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TPartial>(TVector bytes, byte* codes, int available)
        where TPartial : struct, IFlag
    {
        if (TPartial.IsOn)
            TLanes.StoreFirst8(bytes, codes, available);
        else
            TLanes.Store8(bytes, codes);
    }

    private static int WideKey(short key)
    {
        var bits = (short)(key ^ ((key >> 15) & 0x7fff));
        return GroupRange.KeyOf(BitConverter.SingleToInt32Bits(TElement.Read(&bits, 0)));
    }
}
