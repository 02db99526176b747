using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Scalar;

/// <summary>
/// The reference: what a code is, element by element. q = round((x − minimum) · 2^m / step); code = (q + k) >> m with k
/// the element's low m random bits, which is floor((x − minimum) / step + (k + ½) / 2^m). As x is within the stored
/// range, q is at most (levels − 1) · 2^m and the code needs no clamp. On a squared grid the quotient by the step is
/// first placed between the squares it lies between.
/// </summary>
internal sealed unsafe class ScalarPacker<TElement>(PackFormat format) : GroupPacker
    where TElement : struct, IScalarElement
{
    private readonly int _slots = CodeWidths.SlotsPerColumn(format.Width);
    private readonly int _fractionBits = CodeWidths.FractionBits(format.Width);

    public override void Ranges(void* x, ReadOnlySpan<GroupSpan> groups, Span<GroupRange> ranges)
    {
        for (var i = 0; i < groups.Length; i++)
            ranges[i] = Range(x, groups[i]);
    }

    public override void Encode(
        void* x, ReadOnlySpan<GroupSpan> groups, ReadOnlySpan<EncodeParameters> parameters, ulong tensorKey,
        byte* packed)
    {
        for (var i = 0; i < groups.Length; i++)
        {
            if (parameters[i].IsValid)
                Encode(x, groups[i], parameters[i], CounterRandom.GroupKey(tensorKey, groups[i].Start), packed);
            else
                Clear(format.Width, groups[i], packed);
        }
    }

    public GroupRange Range(void* x, in GroupSpan group)
    {
        var (largestSigned, largest, smallest) = (int.MinValue, uint.MinValue, uint.MaxValue);
        for (var i = group.Start; i < group.Start + group.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(
                TElement.Read(x, i)) & (format.HasStepAlone ? int.MaxValue : uint.MaxValue);
            largestSigned = Math.Max(largestSigned, (int)bits);
            largest = Math.Max(largest, bits);
            smallest = Math.Min(smallest, bits);
        }

        return format.HasStepAlone
            ? GroupRange.FromMagnitude(largest)
            : GroupRange.FromBits(largestSigned, largest, smallest);
    }

    private void Encode(
        void* x, in GroupSpan group, in EncodeParameters parameters, ulong groupKey, byte* packed)
    {
        var (start, length, codeOffset) = group;
        var codes = packed + codeOffset;
        var columns = CodeWidths.Columns(format.Width, length);
        for (long column = 0; column < columns; column++)
        {
            uint sum = 0;
            for (var slot = 0; slot < _slots && CodeWidths.ElementAt(slot, column, columns) < length; slot++)
            {
                var value = TElement.Read(x, start + CodeWidths.ElementAt(slot, column, columns));
                var random = CounterRandom.Bits16(groupKey, slot, column, _slots) & ((1u << _fractionBits) - 1);
                sum += CodeOf(value, parameters, random) * CodeWidths.SlotWeight(format.Width, slot);
            }

            for (var offset = column; offset < CodeWidths.CodeBytes(format.Width, length); offset += columns, sum >>= 8)
                codes[offset] = (byte)sum;
        }
    }

    private uint CodeOf(float value, in EncodeParameters parameters, uint random)
    {
        if (format.HasStepAlone && !(value > 0))
            return 0;
        var scaled = (value - parameters.Minimum) * parameters.Scale;
        if (format.Grid == CodeGrid.Squared) scaled = PlaceBetweenSquares(scaled) * (1 << _fractionBits);
        return ((uint)MathF.Round(scaled, MidpointRounding.ToEven) + random) >> _fractionBits;
    }

    /// <summary>From k² ≤ x ≤ (k + 1)² to k ≤ y ≤ k + 1, linear between: level k is k².</summary>
    private static float PlaceBetweenSquares(float x)
    {
        var root = MathF.Floor(MathF.Sqrt(x));
        return root + (x - root * root) / (root + root + 1f);
    }
}
