using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>What depends on given values, and what given values depend on.</summary>
internal static class Reach
{
    /// <summary>The given values with everything computed from them, and the nodes that do so.</summary>
    public static (HashSet<Value> Values, HashSet<Node> Nodes) From(Graph graph, IEnumerable<Value> starts)
    {
        var values = new HashSet<Value>(graph.Nodes.Count);
        var nodes = new HashSet<Node>(graph.Nodes.Count);
        values.UnionWith(starts);
        var pending = new Queue<Value>(values);
        while (pending.TryDequeue(out var value))
        {
            for (var index = 0; index < value.Uses.Count; index++)
            {
                var node = OwnerIn(graph, value.Uses[index].Node);
                if (node is null || !nodes.Add(node)) continue;
                foreach (var output in node.Outputs.OfType<Value>())
                {
                    if (values.Add(output)) pending.Enqueue(output);
                }
            }
        }
        return (values, nodes);
    }

    /// <summary>The nodes that the given values are computed by, and those before them.</summary>
    public static HashSet<Node> Ancestors(IEnumerable<Value> ends)
    {
        var nodes = new HashSet<Node>();
        var pending = new Queue<Node>(ends.Select(end => end.Producer).OfType<Node>());
        while (pending.TryDequeue(out var node))
        {
            if (!nodes.Add(node)) continue;
            foreach (var input in TopologicalOrder.Reads(node))
            {
                if (input.Producer is { } producer) pending.Enqueue(producer);
            }
        }
        return nodes;
    }

    /// <summary>The node of <paramref name="graph"/> that is, or holds in a subgraph, the given node.</summary>
    public static Node? OwnerIn(Graph graph, Node node)
    {
        if (node.Graph == graph) return node;
        return graph.Nodes.FirstOrDefault(candidate => candidate.Subgraphs.Any(body => Holds(body, node)));
    }

    private static bool Holds(Graph body, Node node) =>
        node.Graph == body || body.Nodes.SelectMany(inner => inner.Subgraphs).Any(inner => Holds(inner, node));
}
