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
                foreach (var producer in Producers(node, graph))
                {
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
    public static IEnumerable<Value> Reads(Node node)
    {
        foreach (var input in node.Inputs)
        {
            if (input is not null) yield return input;
        }
        foreach (var body in node.Subgraphs)
        {
            foreach (var read in body.Nodes.SelectMany(Reads))
            {
                if (body.FindOwn(read.Name) != read) yield return read;
            }
        }
    }

    /// <summary>Nearly every file already stands in such an order; to see that is much cheaper than to sort.</summary>
    private static bool IsSorted(Graph graph)
    {
        var done = new HashSet<Node>(graph.Nodes.Count);
        foreach (var node in graph.Nodes)
        {
            foreach (var value in Reads(node))
            {
                if (value.Producer is { } producer && producer.Graph == graph && !done.Contains(producer)) return false;
            }
            done.Add(node);
        }
        return true;
    }

    private static IEnumerable<Node> Producers(Node node, Graph graph) =>
        Reads(node).Select(input => input.Producer).OfType<Node>().Where(producer => producer.Graph == graph);
}
