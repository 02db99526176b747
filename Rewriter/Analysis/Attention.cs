using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// An attention's product O = P · V in the forward pass and the gradient of its softmax in the backward pass.
/// </summary>
internal sealed record Attention
{
    /// <summary>The SoftmaxGrad.</summary>
    public required Node Gradient { get; init; }

    /// <summary>P, the softmax's result.</summary>
    public required Value Weights { get; init; }

    /// <summary>dP, what the SoftmaxGrad reads.</summary>
    public required Value WeightsGradient { get; init; }

    /// <summary>The Dropout between P and the product; null where there is none.</summary>
    public Node? Dropout { get; init; }

    /// <summary>O, or a view of it, that the backward pass reads anyway or is to read.</summary>
    public required Value Context { get; init; }

    /// <summary>Its gradient, of the same shape.</summary>
    public required Value ContextGradient { get; init; }

    /// <summary>The backward views that lead from that gradient to dO, in this order.</summary>
    public required IReadOnlyList<Node> Views { get; init; }
}
