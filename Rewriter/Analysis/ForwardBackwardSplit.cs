using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// Which nodes of a training graph are its backward pass, and which of their values carry a gradient.
/// </summary>
internal sealed class ForwardBackwardSplit
{
    private readonly HashSet<Node> _backward;
    private readonly HashSet<Value> _gradients;

    internal ForwardBackwardSplit(Dialect dialect, HashSet<Node> backward, HashSet<Value> gradients)
    {
        Dialect = dialect;
        _backward = backward;
        _gradients = gradients;
    }

    public Dialect Dialect { get; }

    public int BackwardCount => _backward.Count;

    public bool IsBackward(Node node) => _backward.Contains(node);

    /// <summary>
    /// Whether the value is computed from the gradient of the loss. A backward node may also compute on forward values
    /// alone (a transposed operand, a mask): such nodes run whenever their reader asks.
    /// </summary>
    public bool IsGradient(Value value) => _gradients.Contains(value);

    /// <summary>Whether the value is made in the forward pass by a node.</summary>
    public bool IsForwardResult(Value value) => value.Producer is { } producer && !_backward.Contains(producer);
}
