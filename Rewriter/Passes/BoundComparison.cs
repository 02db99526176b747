using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>A question about a tensor that the original answers in another way.</summary>
/// <param name="Tensor">What is compared with a number, or the answers where two tensors are compared.</param>
/// <param name="Released">Tensors that the original saves and nobody in the backward pass reads any more.</param>
internal sealed record BoundComparison(Value Tensor, params IReadOnlyList<Value> Released)
{
    /// <summary>Whether the tensor holds the answers, which the original does not save.</summary>
    public bool IsAnswer { get; init; }
}
