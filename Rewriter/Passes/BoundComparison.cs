using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>A tensor that is compared with a number where the original compared it otherwise.</summary>
/// <param name="Tensor">What is compared.</param>
/// <param name="Released">A tensor that the original saves and nobody in the backward pass reads any more.</param>
internal sealed record BoundComparison(Value Tensor, Value? Released);
