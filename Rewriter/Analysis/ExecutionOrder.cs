using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>The order in which ONNX Runtime's sequential executor runs a graph.</summary>
/// <remarks>
/// Its default order is a depth-first walk from the leaves (nodes whose results nobody reads) against the data flow; of
/// several leaves, and of several producers of one node, the one that stands later in the file goes first. Graph
/// optimizers that run at session start can still move nodes, so an order read from a session's profile is the better
/// one to have.
/// </remarks>
internal static class ExecutionOrder
{
    public static IReadOnlyList<Node> Of(Graph graph)
    {
        var order = new List<Node>(graph.Nodes.Count);
        var visited = new GraphItemSet<Node>();
        var stack = new Stack<(Node Node, bool Leaving)>();
        var waiting = new List<Node>();
        foreach (var node in graph.Nodes)
        {
            if (IsLeaf(node)) stack.Push((node, false));
        }
        while (stack.TryPop(out var entry))
        {
            if (entry.Leaving) order.Add(entry.Node);
            if (entry.Leaving || !visited.Add(entry.Node)) continue;
            stack.Push((entry.Node, true));
            waiting.Clear();
            foreach (var input in TopologicalOrder.Reads(entry.Node))
            {
                if (input.Producer is { } producer && producer.Graph == graph && !visited.Contains(producer))
                    waiting.Add(producer);
            }
            if (waiting.Count > 1) waiting.Sort((left, right) => left.Place.CompareTo(right.Place));
            foreach (var producer in waiting) stack.Push((producer, false));
        }
        return order;
    }

    /// <summary>The place of each node in the order, from 0 on.</summary>
    public static GraphItemMap<Node, int> PositionsOf(Graph graph) => PositionsIn(Of(graph));

    /// <summary>The place of each node in an order, from 0 on.</summary>
    public static GraphItemMap<Node, int> PositionsIn(IReadOnlyList<Node> order)
    {
        var positions = new GraphItemMap<Node, int>();
        foreach (var node in order) positions[node] = positions.Count;
        return positions;
    }

    private static bool IsLeaf(Node node)
    {
        foreach (var output in node.Results)
        {
            if (output.Uses.Count > 0) return false;
        }
        return true;
    }
}
