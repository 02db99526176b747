using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;

namespace OnnxActNN.CustomOps.Cpu.Derivatives;

/// <summary>
/// A derivative's codes as QuantizePack's kernels know codes: those of float32 groups with a minimum and a step.
/// </summary>
internal static class DerivativeCodes
{
    public static PackFormat FormatOf(DerivativeFormat format) => new(format.Width, zeroExact: false)
    {
        Rounding = format.Rounding,
    };

    public static EncodeParameters Encoding(DerivativeFormat format) =>
        EncodeParameters.Create(format.Minimum, format.Step, CodeWidths.FractionBits(format.Width));

    public static DecodeParameters Decoding(DerivativeFormat format)
    {
        var fractionBits = CodeWidths.FractionBits(format.Width);
        var scale = format.Step / (1 << fractionBits);
        var meanFraction = format.Rounding == RoundingMode.Dither ? (1 << (fractionBits - 1)) - 0.5f : 0;
        return new DecodeParameters(format.Minimum - meanFraction * scale, scale, Zero: 0);
    }
}
