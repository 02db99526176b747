namespace OnnxActNN.Rewriter.IR;

/// <summary>One application of an operator. Inputs and outputs that are left out are null.</summary>
internal sealed class Node : GraphItem
{
    // Arrays of the very length: a walk through a large graph waits for memory above all.
    private Value?[] _inputs = [];
    private Value?[] _outputs = [];
    private Dictionary<string, string>? _metadata;

    public Node(OperatorId op, string name = "")
    {
        Operator = op;
        Name = name;
        Attributes = new AttributeList(this);
    }

    public OperatorId Operator { get; set; }

    public string Name { get; set; }

    /// <summary>Free text; ONNX Runtime writes "Backward pass" here on the nodes its gradient builder made.</summary>
    public string DocString { get; set; } = "";

    public AttributeList Attributes { get; }

    /// <summary>Entries that passes add to the node's metadata, beside those the file has.</summary>
    public Dictionary<string, string> Metadata => _metadata ??= [];

    public bool HasMetadata => _metadata is { Count: > 0 };

    public IReadOnlyList<Value?> Inputs => _inputs;

    public IReadOnlyList<Value?> Outputs => _outputs;

    /// <summary>The outputs but those that are left out.</summary>
    public NodeResults Results => new(_outputs);

    /// <summary>What it reads, the outer values that its subgraphs capture included.</summary>
    public NodeReads Reads => new(this, _inputs);

    /// <summary>The graph that owns this node; null once removed or not yet added.</summary>
    public Graph? Graph { get; internal set; }

    /// <summary>
    /// Larger than that of every node before it in the graph; says nothing else, and changes when nodes are inserted.
    /// </summary>
    public long Place { get; internal set; }

    /// <summary>The rest of the node as the file has it.</summary>
    public Preserved? Source { get; init; }

    internal Node? Previous { get; set; }

    internal Node? Next { get; set; }

    /// <summary>Node name, or its first output where it has no name: what messages call it.</summary>
    public string DisplayName =>
        Name.Length > 0 ? Name : Array.Find(_outputs, output => output is not null)?.Name ?? "(unnamed)";

    /// <summary>Whether an attribute was ever a graph; nearly always false.</summary>
    public bool MayHaveSubgraphs { get; internal set; }

    /// <summary>The graphs in this node's attributes (bodies of If, Loop, Scan).</summary>
    public IEnumerable<Graph> Subgraphs => Attributes.Graphs;

    public Value? Input(int index) => index < _inputs.Length ? _inputs[index] : null;

    public Value? Output(int index) => index < _outputs.Length ? _outputs[index] : null;

    /// <summary>Reads <paramref name="value"/> at <paramref name="index"/>; the use lists follow.</summary>
    public void SetInput(int index, Value? value)
    {
        if (_inputs.Length <= index) Array.Resize(ref _inputs, index + 1);
        _inputs[index]?.Detach(new Use(this, index));
        _inputs[index] = value;
        value?.Attach(new Use(this, index));
        Graph?.NoteEdit();
    }

    /// <summary>Appends inputs.</summary>
    public void AddInputs(params ReadOnlySpan<Value?> values)
    {
        var first = _inputs.Length;
        Array.Resize(ref _inputs, first + values.Length);
        for (var at = 0; at < values.Length; at++) SetInput(first + at, values[at]);
    }

    /// <summary>Writes values, which must have no producer yet, as the next outputs.</summary>
    public void AddOutputs(params ReadOnlySpan<Value?> values)
    {
        var first = _outputs.Length;
        Array.Resize(ref _outputs, first + values.Length);
        for (var at = 0; at < values.Length; at++) SetOutput(first + at, values[at]);
    }

    /// <summary>
    /// Writes <paramref name="value"/>, which must have no producer yet, at <paramref name="index"/>.
    /// </summary>
    public void SetOutput(int index, Value? value)
    {
        if (value?.Producer is { } other)
            throw new InvalidOperationException(
                $"'{value}' is already written by {other}; give the new node an output of its own.");
        if (_outputs.Length <= index) Array.Resize(ref _outputs, index + 1);
        if (_outputs[index] is { } old) old.Producer = null;
        _outputs[index] = value;
        Graph?.NoteEdit();
        if (value is null) return;
        value.Producer = this;
        value.OutputIndex = index;
    }

    public override string ToString() => $"{Operator} '{DisplayName}'";
}
