using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Tells in which node a value is read for the last time.</summary>
internal sealed class LastReaders(Graph graph)
{
    private readonly IReadOnlyDictionary<Node, int> _executed = ExecutionOrder.PositionsOf(graph);

    /// <summary>Whether the node reads the value, once, and nobody does so after it.</summary>
    public bool IsAt(Node node, Value value) =>
        value is { Producer: not null, IsGraphOutput: false }
        && value.Uses.Count(use => use.Node == node) == 1
        && value.Uses.All(use => Reach.OwnerIn(graph, use.Node) is { } reader && _executed[reader] <= _executed[node]);
}
