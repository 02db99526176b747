using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// Which nodes of a training graph are its backward pass, and which of their values carry a gradient.
/// </summary>
internal sealed class ForwardBackwardSplit
{
    private readonly GraphItemSet<Node> _backward;
    private readonly GraphItemSet<Value> _gradients;

    internal ForwardBackwardSplit(Dialect dialect, GraphItemSet<Node> backward, GraphItemSet<Value> gradients)
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

    /// <summary>Whether one of the node's results is.</summary>
    public bool MakesGradients(Node node)
    {
        foreach (var output in node.Results)
        {
            if (IsGradient(output)) return true;
        }
        return false;
    }

    /// <summary>Whether the value is made in the forward pass by a node.</summary>
    public bool IsForwardResult(Value value) => value.Producer is { } producer && !_backward.Contains(producer);
}
