namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// What a graph numbers, nodes and values each from 0 on: what is known of all of them can stand in an array.
/// </summary>
/// <remarks>
/// The numbers are those of a whole nest of graphs, so an inner graph's nodes differ from its outer's.
/// </remarks>
internal abstract class GraphItem
{
    /// <summary>The number, which never changes; -1 for a node that was in no graph yet.</summary>
    public int Number { get; internal set; } = -1;
}
