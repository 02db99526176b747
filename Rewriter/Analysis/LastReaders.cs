using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Tells in which node a buffer is read for the last time.</summary>
internal sealed class LastReaders(Graph graph)
{
    private readonly IReadOnlyDictionary<Node, int> _executed = ExecutionOrder.PositionsOf(graph);

    /// <summary>
    /// Whether the node reads what the value lies in once, and nobody does so after it, through a view neither.
    /// </summary>
    public bool IsAt(Node node, Value value)
    {
        var owner = BufferViews.Owner(value);
        if (owner.Producer is null) return false;
        var values = BufferViews.ValuesIn(owner).ToList();
        var reads = values.SelectMany(held => held.Uses).ToList();
        return values.TrueForAll(held => !held.IsGraphOutput)
            && reads.Count(use => use.Node == node) == 1
            && reads.TrueForAll(
                use => Reach.OwnerIn(graph, use.Node) is { } reader && _executed[reader] <= _executed[node]);
    }
}
