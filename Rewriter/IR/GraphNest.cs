namespace OnnxActNN.Rewriter.IR;

/// <summary>What a graph shares with the graphs inside it.</summary>
internal sealed class GraphNest
{
    /// <summary>Every name that a value has or had.</summary>
    public HashSet<string> Names { get; } = [];

    /// <summary>How many nodes were numbered.</summary>
    public int Nodes { get; set; }

    /// <summary>How many values were numbered.</summary>
    public int Values { get; set; }
}
