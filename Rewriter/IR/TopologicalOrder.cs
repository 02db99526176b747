using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Rewriter.IR;

/// <summary>The nodes with producers before consumers, in file order otherwise.</summary>
internal static class TopologicalOrder
{
    /// <exception cref="UnsupportedGraphException">The graph has a cycle.</exception>
    public static IReadOnlyList<Node> Of(Graph graph)
    {
        if (IsSorted(graph)) return [.. graph.Nodes];
        var order = new List<Node>(graph.Nodes.Count);
        var state = new Dictionary<Node, bool>(graph.Nodes.Count);
        var stack = new Stack<Node>();
        foreach (var root in graph.Nodes)
        {
            stack.Push(root);
            while (stack.TryPeek(out var node))
            {
                if (state.TryGetValue(node, out var done))
                {
                    stack.Pop();
                    if (done) continue;
                    state[node] = true;
                    order.Add(node);
                    continue;
                }
                state[node] = false;
                foreach (var input in Reads(node))
                {
                    if (input.Producer is not { } producer || producer.Graph != graph) continue;
                    if (!state.TryGetValue(producer, out var visited)) stack.Push(producer);
                    else if (!visited)
                        throw new UnsupportedGraphException(
                            $"{producer} and {node} wait for each other: the graph has a cycle.");
                }
            }
        }
        return order;
    }

    /// <summary>What a node reads, the outer values its subgraphs capture included.</summary>
    public static NodeReads Reads(Node node) => new(node);

    /// <summary>Nearly every file already stands in such an order; to see that is much cheaper than to sort.</summary>
    private static bool IsSorted(Graph graph)
    {
        foreach (var node in graph.Nodes)
        {
            foreach (var value in Reads(node))
            {
                if (value.Producer is { } producer && producer.Graph == graph && producer.Place >= node.Place)
                    return false;
            }
        }
        return true;
    }
}
