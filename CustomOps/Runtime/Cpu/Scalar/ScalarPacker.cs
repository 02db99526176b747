using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Scalar;

/// <summary>
/// The reference: what a code is, element by element. q = round((x − minimum) · 2^m / step); code = (q + k) >> m with k the
/// element's low m random bits, which is floor((x − minimum) / step + (k + ½) / 2^m). As x is within the stored range, q is
/// at most (levels − 1) · 2^m and the code needs no clamp.
/// </summary>
internal sealed unsafe class ScalarPacker<TElement>(CodeWidth width, bool zeroExact) : GroupPacker
    where TElement : struct, IScalarElement
{
    private readonly int _slots = CodeWidths.SlotsPerColumn(width);
    private readonly int _fractionBits = CodeWidths.FractionBits(width);

    public override void Ranges(void* x, ReadOnlySpan<GroupSpan> groups, Span<GroupRange> ranges)
    {
        for (var i = 0; i < groups.Length; i++)
            ranges[i] = Range(x, groups[i]);
    }

    public override void Encode(
        void* x, ReadOnlySpan<GroupSpan> groups, ReadOnlySpan<EncodeParameters> parameters, ulong tensorKey, byte* packed)
    {
        for (var i = 0; i < groups.Length; i++)
        {
            if (parameters[i].IsValid)
                Encode(x, groups[i], parameters[i], CounterRandom.GroupKey(tensorKey, groups[i].Start), packed);
            else
                Clear(width, groups[i], packed);
        }
    }

    public GroupRange Range(void* x, in GroupSpan group)
    {
        var (largestSigned, largest, smallest) = (int.MinValue, uint.MinValue, uint.MaxValue);
        for (var i = group.Start; i < group.Start + group.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(TElement.Read(x, i)) & (zeroExact ? int.MaxValue : uint.MaxValue);
            largestSigned = Math.Max(largestSigned, (int)bits);
            largest = Math.Max(largest, bits);
            smallest = Math.Min(smallest, bits);
        }

        return zeroExact
            ? GroupRange.FromMagnitude(largest)
            : GroupRange.FromBits(largestSigned, largest, smallest);
    }

    private void Encode(
        void* x, in GroupSpan group, in EncodeParameters parameters, ulong groupKey, byte* packed)
    {
        var (start, length, codeOffset) = group;
        var codes = packed + codeOffset;
        var columns = CodeWidths.Columns(width, length);
        for (long column = 0; column < columns; column++)
        {
            uint sum = 0;
            for (var slot = 0; slot < _slots && CodeWidths.ElementAt(slot, column, columns) < length; slot++)
            {
                var value = TElement.Read(x, start + CodeWidths.ElementAt(slot, column, columns));
                var random = CounterRandom.Bits16(groupKey, slot, column, _slots) & ((1u << _fractionBits) - 1);
                sum += CodeOf(value, parameters, random) * CodeWidths.SlotWeight(width, slot);
            }

            for (var offset = column; offset < CodeWidths.CodeBytes(width, length); offset += columns, sum >>= 8)
                codes[offset] = (byte)sum;
        }
    }

    private uint CodeOf(float value, in EncodeParameters parameters, uint random)
    {
        if (zeroExact && !(value > 0))
            return 0;
        var scaled = (value - parameters.Minimum) * parameters.Scale;
        return ((uint)MathF.Round(scaled, MidpointRounding.ToEven) + random) >> _fractionBits;
    }
}
