using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>An activation's gradient that became one node.</summary>
/// <param name="Derivative">Of which function.</param>
/// <param name="Input">The activation's input, which the node reads.</param>
/// <param name="IsInputNew">Whether nothing in the original's backward pass reads the input.</param>
/// <param name="Released">
/// Tensors that the original saves and of which nobody in the backward pass reads anything now.
/// </param>
internal sealed record JoinedActivation(
    DerivativeOf Derivative, Value Input, bool IsInputNew, IReadOnlyList<Value> Released);
