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
        var nodes = graph.Nodes.ToList();
        var producers = ProducersOf(nodes);
        var (order, visited, stack) = (new List<Node>(nodes.Count), new bool[nodes.Count], new Stack<int>());
        for (var at = 0; at < nodes.Count; at++)
        {
            if (IsLeaf(nodes[at])) stack.Push(at);
        }
        while (stack.TryPop(out var next))
        {
            if (next < 0)
            {
                order.Add(nodes[~next]);
                continue;
            }
            if (visited[next]) continue;
            visited[next] = true;
            stack.Push(~next); // All that it waits for has run when this comes up again.
            foreach (var producer in producers[next])
            {
                if (!visited[producer]) stack.Push(producer);
            }
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

    /// <summary>
    /// Of each node the places in the file of those that make what it reads, in order: the walk goes by these alone,
    /// and need not look at the nodes, which lie far apart.
    /// </summary>
    private static int[][] ProducersOf(List<Node> nodes)
    {
        var places = PositionsIn(nodes);
        var (producers, found) = (new int[nodes.Count][], new List<int>());
        for (var at = 0; at < nodes.Count; at++)
        {
            found.Clear();
            foreach (var input in TopologicalOrder.Reads(nodes[at]))
            {
                if (input.Producer is { } producer && places.TryGetValue(producer, out var place)) found.Add(place);
            }
            if (found.Count > 1) found.Sort();
            producers[at] = [.. found];
        }
        return producers;
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
