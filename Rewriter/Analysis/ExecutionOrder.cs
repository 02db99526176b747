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
        var nodes = graph.Nodes.ToArray();
        var (ends, producers) = ProducersOf(nodes);
        var (order, visited) = (new List<Node>(nodes.Length), new bool[nodes.Length]);
        var stack = new Stack<int>(Leaves(nodes.Length, producers));
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
            for (var at = next == 0 ? 0 : ends[next - 1]; at < ends[next]; at++)
            {
                if (!visited[producers[at]]) stack.Push(producers[at]);
            }
        }
        return order;
    }

    /// <summary>The place of each node in the order, from 0 on.</summary>
    public static GraphItemMap<Node, int> PositionsOf(Graph graph) => PositionsIn(Of(graph));

    /// <summary>The place of each node in an order, from 0 on.</summary>
    public static GraphItemMap<Node, int> PositionsIn(IReadOnlyList<Node> order)
    {
        var positions = new GraphItemMap<Node, int>(order.Count);
        foreach (var node in order) positions[node] = positions.Count;
        return positions;
    }

    /// <summary>
    /// Of each node the places in the file of those that make what it reads, in order, all in one list, and where each
    /// node's end there: the walk goes by these alone, and need not look at the nodes, which lie far apart.
    /// </summary>
    private static (int[] Ends, List<int> Producers) ProducersOf(Node[] nodes)
    {
        var places = PositionsIn(nodes);
        var (ends, producers) = (new int[nodes.Length], new List<int>(4 * nodes.Length));
        for (var at = 0; at < nodes.Length; at++)
        {
            var begin = producers.Count;
            foreach (var input in nodes[at].Reads)
            {
                if (input.Producer is { } producer && places.TryGetValue(producer, out var place)) producers.Add(place);
            }
            if (producers.Count - begin > 1) producers.Sort(begin, producers.Count - begin, null);
            ends[at] = producers.Count;
        }
        return (ends, producers);
    }

    /// <summary>The places of the nodes that make nothing for others.</summary>
    private static IEnumerable<int> Leaves(int nodes, List<int> producers)
    {
        var isRead = new bool[nodes];
        foreach (var producer in producers) isRead[producer] = true;
        return Enumerable.Range(0, nodes).Where(at => !isRead[at]);
    }
}
