namespace OnnxActNN.Rewriter.IR;

/// <summary>A file: the main graph, operator-set versions, and what the rewriter carries along untouched.</summary>
internal sealed class Model(Graph graph)
{
    public Graph Graph { get; } = graph;

    public long IrVersion { get; set; }

    /// <summary>Version per operator domain; the standard domain is the empty string.</summary>
    public Dictionary<string, long> OpsetImports { get; init; } = [];

    /// <summary>Operators given by model-local functions; their bodies are carried along, not analysed.</summary>
    public IReadOnlySet<OperatorId> Functions { get; init; } = new HashSet<OperatorId>();

    /// <summary>The folder that external tensor data is relative to; null for a model that came from memory.</summary>
    public string? Folder { get; init; }

    /// <summary>The rest of the model as the file has it.</summary>
    public Preserved? Source { get; init; }

    /// <summary>Version of the standard operator set; 1 where the file states none.</summary>
    public long Opset => OpsetImports.GetValueOrDefault("", 1);
}
