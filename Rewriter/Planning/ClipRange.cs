using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// Clip behind a normalization: which of its elements lie within the bounds is known from a mask, and what the others
/// are from the sign.
/// </summary>
/// <param name="Clipped">What Clip reads.</param>
/// <param name="Bits">Of its masks the one that says which elements lie within.</param>
/// <param name="Min">The lower bound; the upper one where there is none.</param>
/// <param name="Max">The upper bound; the lower one where there is none.</param>
internal sealed record ClipRange(Value Clipped, MaskBits Bits, float Min, float Max);
