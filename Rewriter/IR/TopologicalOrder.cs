using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Rewriter.IR;

/// <summary>The nodes with producers before consumers, in file order otherwise.</summary>
internal static class TopologicalOrder
{
    /// <summary>The order; sought once for as long as the graph stays as it is.</summary>
    /// <exception cref="UnsupportedGraphException">The graph has a cycle.</exception>
    public static IReadOnlyList<Node> Of(Graph graph)
    {
        if (graph.Sorted is { } known && known.Edits == graph.Edits) return known.Nodes;
        var nodes = Find(graph);
        graph.Sorted = (nodes, graph.Edits);
        return nodes;
    }

    /// <summary>The same, sought anew.</summary>
    /// <exception cref="UnsupportedGraphException">The graph has a cycle.</exception>
    public static IReadOnlyList<Node> Find(Graph graph) => IsSorted(graph) ? graph.Nodes.ToArray() : Sorted(graph);

    /// <summary>Moves the nodes into such an order, where they do not stand in one.</summary>
    /// <exception cref="UnsupportedGraphException">The graph has a cycle.</exception>
    public static void Restore(Graph graph)
    {
        if (IsSorted(graph)) return;
        foreach (var node in Sorted(graph)) graph.Nodes.MoveToEnd(node);
    }

    private static List<Node> Sorted(Graph graph)
    {
        var order = new List<Node>(graph.Nodes.Count);
        var (entered, done) = (new GraphItemSet<Node>(), new GraphItemSet<Node>());
        var stack = new Stack<Node>();
        foreach (var root in graph.Nodes)
        {
            stack.Push(root);
            while (stack.TryPeek(out var node))
            {
                if (!entered.Add(node))
                {
                    stack.Pop();
                    if (done.Add(node)) order.Add(node);
                    continue;
                }
                foreach (var input in node.Reads)
                {
                    if (input.Producer is not { } producer || producer.Graph != graph) continue;
                    if (!entered.Contains(producer)) stack.Push(producer);
                    else if (!done.Contains(producer))
                        throw new UnsupportedGraphException(
                            $"{producer} and {node} wait for each other: the graph has a cycle.");
                }
            }
        }
        return order;
    }

    /// <summary>
    /// Whether the file's order is such a one. Nearly always it is; to see that is much cheaper than to sort.
    /// </summary>
    private static bool IsSorted(Graph graph)
    {
        foreach (var node in graph.Nodes)
        {
            foreach (var value in node.Reads)
            {
                if (value.Producer is { } producer && producer.Graph == graph && producer.Place >= node.Place)
                    return false;
            }
        }
        return true;
    }
}
