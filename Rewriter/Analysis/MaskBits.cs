using OnnxActNN.Format;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>What a mask's bits say of a tensor's elements.</summary>
/// <param name="Test">The test that they are results of.</param>
/// <param name="Min">Lower bound of <see cref="MaskTest.Inside"/>.</param>
/// <param name="Max">Upper bound of <see cref="MaskTest.Inside"/>.</param>
internal readonly record struct MaskBits(
    MaskTest Test, float Min = float.NegativeInfinity, float Max = float.PositiveInfinity)
{
    public static MaskBits Positive { get; } = new(MaskTest.Positive);

    public static MaskBits Nonzero { get; } = new(MaskTest.Nonzero);
}
