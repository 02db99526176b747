using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>What depends on given values, and what given values depend on.</summary>
internal static class Reach
{
    /// <summary>The given values with everything computed from them, and the nodes that do so.</summary>
    public static (GraphItemSet<Value> Values, GraphItemSet<Node> Nodes) From(Graph graph, IEnumerable<Value> starts)
    {
        var values = new GraphItemSet<Value>();
        var nodes = new GraphItemSet<Node>();
        var pending = new Queue<Value>(starts.Where(values.Add));
        while (pending.TryDequeue(out var value))
        {
            for (var index = 0; index < value.Uses.Count; index++)
            {
                var node = OwnerIn(graph, value.Uses[index].Node);
                if (node is null || !nodes.Add(node)) continue;
                foreach (var output in node.Results)
                {
                    if (values.Add(output)) pending.Enqueue(output);
                }
            }
        }
        return (values, nodes);
    }

    /// <summary>The nodes that the given values are computed by, and those before them.</summary>
    public static IReadOnlyList<Node> Ancestors(IEnumerable<Value> ends)
    {
        var seen = new GraphItemSet<Node>();
        List<Node> nodes = [.. ends.Select(end => end.Producer).OfType<Node>().Where(seen.Add)];
        for (var at = 0; at < nodes.Count; at++)
        {
            foreach (var input in nodes[at].Reads)
            {
                if (input.Producer is { } producer && seen.Add(producer)) nodes.Add(producer);
            }
        }
        return nodes;
    }

    /// <summary>The node of <paramref name="graph"/> that is, or holds in a subgraph, the given node.</summary>
    public static Node? OwnerIn(Graph graph, Node node) => node.Graph == graph ? node : HolderIn(graph, node);

    private static Node? HolderIn(Graph graph, Node node) =>
        graph.Nodes.FirstOrDefault(candidate => candidate.Subgraphs.Any(body => Holds(body, node)));

    private static bool Holds(Graph body, Node node) =>
        node.Graph == body || body.Nodes.SelectMany(inner => inner.Subgraphs).Any(inner => Holds(inner, node));
}
