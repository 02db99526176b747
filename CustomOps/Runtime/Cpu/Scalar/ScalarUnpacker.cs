using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Scalar;

/// <summary>
/// The reference: what a value is, element by element. With dither w = code · 2^m + (2^m − 1 − k), so that w · scale +
/// offset is (code − v + ½) · step + minimum for v = (k + ½) / 2^m; with stochastic rounding w = code · 2^m; on a
/// squared grid the value is code² · scale.
/// </summary>
internal sealed unsafe class ScalarUnpacker<TElement>(PackFormat format, UnpackOutput output) : GroupUnpacker
    where TElement : struct, IScalarElement
{
    private readonly int _slots = CodeWidths.SlotsPerColumn(format.Width);
    private readonly int _fractionBits = CodeWidths.FractionBits(format.Width);

    public override void Decode(
        byte* packed, ReadOnlySpan<GroupSpan> groups, ReadOnlySpan<DecodeParameters> parameters, ulong tensorKey,
        void* y)
    {
        for (var i = 0; i < groups.Length; i++)
        {
            var groupKey = CounterRandom.GroupKey(tensorKey, groups[i].Start);
            Decode(packed + groups[i].CodeOffset, groups[i], parameters[i], groupKey, y);
        }
    }

    private void Decode(byte* codes, in GroupSpan group, in DecodeParameters parameters, ulong groupKey, void* y)
    {
        var (start, length, _) = group;
        var columns = CodeWidths.Columns(format.Width, length);
        for (long column = 0; column < columns; column++)
        {
            var packed = ReadColumn(codes, column, columns, CodeWidths.CodeBytes(format.Width, length));
            for (var slot = 0; slot < _slots && CodeWidths.ElementAt(slot, column, columns) < length; slot++)
            {
                var code = CodeWidths.CodeAt(format.Width, packed, slot);
                var random = CounterRandom.Bits16(groupKey, slot, column, _slots);
                Write(y, start + CodeWidths.ElementAt(slot, column, columns), code, random, parameters);
            }
        }
    }

    private static uint ReadColumn(byte* codes, long column, long columns, long bytes)
    {
        uint packed = 0;
        var shift = 0;
        for (var offset = column; offset < bytes; offset += columns, shift += 8)
            packed |= (uint)codes[offset] << shift;
        return packed;
    }

    private void Write(void* y, long element, uint code, uint random, in DecodeParameters parameters)
    {
        if (output == UnpackOutput.Nonzero)
            TElement.Write(y, element, code == 0 ? parameters.Zero : 1f + parameters.Zero);
        else if (format.ZeroExact && code == 0)
            TElement.Write(y, element, parameters.Zero);
        else if (format.Grid == CodeGrid.Squared)
            TElement.Write(y, element, (float)(code * code) * parameters.Scale + parameters.Offset);
        else
            TElement.WriteDecoded(y, element, (code << _fractionBits) | FractionOf(random), parameters);
    }

    private uint FractionOf(uint random) =>
        format.Rounding == RoundingMode.Dither ? ~random & ((1u << _fractionBits) - 1) : 0;
}
