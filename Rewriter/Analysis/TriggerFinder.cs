using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Finds the gradient whose arrival makes it time to restore a saved tensor for a reader.</summary>
internal sealed class TriggerFinder(Graph graph, ForwardBackwardSplit split)
{
    private readonly Dictionary<Node, int> _position = TopologicalOrder.Of(graph)
        .Select((node, index) => (node, index)).ToDictionary(pair => pair.node, pair => pair.index);

    /// <summary>
    /// The gradient input of the reader. A reader that works on forward values alone has none: then of the first node
    /// after it that has one. It cannot depend on the restored tensor, because no node between does. Null where no such
    /// node exists.
    /// </summary>
    public Value? For(Node reader)
    {
        var outer = Reach.OwnerIn(graph, reader) ?? reader;
        var pending = new PriorityQueue<Node, int>([(outer, _position[outer])]);
        var seen = new HashSet<Node>();
        while (pending.TryDequeue(out var node, out _))
        {
            if (!seen.Add(node)) continue;
            if (node.Inputs.FirstOrDefault(input => input is { Producer: not null } && split.IsGradient(input))
                is { } gradient)
                return gradient;
            if (node.Outputs.Any(output => output is not null && split.IsGradient(output))) return null;
            foreach (var use in node.Outputs.OfType<Value>().SelectMany(output => output.Uses))
            {
                if (_position.TryGetValue(use.Node, out var at)) pending.Enqueue(use.Node, at);
            }
        }
        return null;
    }
}
