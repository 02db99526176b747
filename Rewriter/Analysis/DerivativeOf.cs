using OnnxActNN.Format.Derivatives;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>The derivative that an activation's gradient is linear in.</summary>
/// <param name="Function">The activation.</param>
/// <param name="Alpha">QuickGelu's factor of its input; 1 for others.</param>
internal readonly record struct DerivativeOf(ActivationFunction Function, float Alpha = DerivativeAttributes.DefaultAlpha);
