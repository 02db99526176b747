using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Finds the gradient whose arrival makes it time to restore a saved tensor for a reader.</summary>
internal sealed class TriggerFinder(Graph graph, ForwardBackwardSplit split)
{
    /// <summary>Most readers have a gradient of their own, and nobody asks.</summary>
    private readonly Lazy<GraphItemMap<Node, int>> _position =
        new(() => ExecutionOrder.PositionsIn(TopologicalOrder.Of(graph)));

    /// <summary>
    /// The gradient input of the reader. A reader that works on forward values alone has none: then of the first node
    /// after it that has one. It cannot depend on the restored tensor, because no node between does. Null where no such
    /// node exists.
    /// </summary>
    public Value? For(Node reader)
    {
        var outer = Reach.OwnerIn(graph, reader) ?? reader;
        if (GradientOf(outer) is { } own) return own;
        var pending = new PriorityQueue<Node, int>([(outer, _position.Value[outer])]);
        var seen = new HashSet<Node>();
        while (pending.TryDequeue(out var node, out _))
        {
            if (!seen.Add(node)) continue;
            if (GradientOf(node) is { } gradient) return gradient;
            if (split.MakesGradients(node)) return null;
            foreach (var use in node.Results.SelectMany(output => output.Uses))
            {
                if (_position.Value.TryGetValue(use.Node, out var at)) pending.Enqueue(use.Node, at);
            }
        }
        return null;
    }

    /// <summary>Where a node of the graph stands among all, each behind those that it reads.</summary>
    public int PositionOf(Node node) => _position.Value[node];

    private Value? GradientOf(Node node)
    {
        foreach (var input in node.Inputs)
        {
            if (input is { Producer: not null } && split.IsGradient(input)) return input;
        }
        return null;
    }
}
