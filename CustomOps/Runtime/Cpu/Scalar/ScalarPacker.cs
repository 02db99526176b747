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

    public override GroupRange Range(void* x, long start, int length)
    {
        var (minimum, maximum) = (int.MaxValue, int.MinValue);
        for (var i = start; i < start + length; i++)
        {
            var bits = BitConverter.SingleToInt32Bits(TElement.Read(x, i));
            var key = zeroExact ? bits & int.MaxValue : GroupRange.KeyOf(bits);
            minimum = Math.Min(minimum, key);
            maximum = Math.Max(maximum, key);
        }

        return GroupRange.FromKeys(zeroExact ? 0 : minimum, maximum);
    }

    public override void Encode(
        void* x, long start, int length, in EncodeParameters parameters, ulong groupKey, byte* codes)
    {
        var columns = CodeWidths.Columns(width, length);
        for (long column = 0; column < columns; column++)
        {
            uint packed = 0;
            for (var slot = 0; slot < _slots && slot * columns + column < length; slot++)
            {
                var value = TElement.Read(x, start + slot * columns + column);
                var random = CounterRandom.Bits16(groupKey, slot, column, columns) & ((1u << _fractionBits) - 1);
                packed += CodeOf(value, parameters, random) * CodeWidths.SlotWeight(width, slot);
            }

            for (var offset = column; offset < CodeWidths.CodeBytes(width, length); offset += columns, packed >>= 8)
                codes[offset] = (byte)packed;
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
