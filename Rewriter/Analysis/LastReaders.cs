using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Tells in which node a buffer is read for the last time.</summary>
internal sealed class LastReaders
{
    private readonly Graph _graph;
    private readonly List<Value> _held = [];

    public LastReaders(Graph graph)
    {
        _graph = graph;
        Order = ExecutionOrder.Of(graph);
        Executed = ExecutionOrder.PositionsIn(Order);
    }

    /// <summary>The nodes as they run.</summary>
    public IReadOnlyList<Node> Order { get; }

    /// <summary>When each node runs.</summary>
    public GraphItemMap<Node, int> Executed { get; }

    /// <summary>
    /// Whether the node reads what the value lies in once, and nobody does so after it, through a view neither.
    /// </summary>
    public bool IsAt(Node node, Value value)
    {
        var owner = BufferViews.Owner(value);
        if (owner.Producer is null) return false;
        _held.Clear();
        BufferViews.Collect(owner, _held);
        var (own, last) = (0, Executed[node]);
        foreach (var held in _held)
        {
            if (held.IsGraphOutput) return false;
            for (var index = 0; index < held.Uses.Count; index++)
            {
                var reader = held.Uses[index].Node;
                if (reader == node) own++;
                else if (Reach.OwnerIn(_graph, reader) is not { } owning || Executed[owning] > last) return false;
            }
        }
        return own == 1;
    }
}
