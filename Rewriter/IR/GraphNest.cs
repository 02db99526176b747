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

    /// <summary>How often a node came, went, moved or got other inputs or outputs.</summary>
    public long Edits { get; set; }
}
