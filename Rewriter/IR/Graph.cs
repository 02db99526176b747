namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// Nodes and the values they read and write. Names are unique within a graph; a subgraph also sees its outer graph's.
/// </summary>
internal sealed class Graph
{
    private readonly Dictionary<string, Value> _values = [];
    private readonly List<Value> _inputs = [];
    private readonly List<Value> _outputs = [];
    private readonly List<Value> _initializers = [];
    private readonly GraphNest _nest;

    public Graph(string name = "", Graph? outer = null)
    {
        Name = name;
        Outer = outer;
        _nest = outer?._nest ?? new GraphNest();
        Nodes = new NodeList(this);
    }

    public string Name { get; }

    /// <summary>The graph around this one, for the body of a control-flow node.</summary>
    public Graph? Outer { get; }

    public NodeList Nodes { get; }

    public IReadOnlyList<Value> Inputs => _inputs;

    public IReadOnlyList<Value> Outputs => _outputs;

    /// <summary>The values that have constants, in file order.</summary>
    public IReadOnlyList<Value> Initializers => _initializers;

    /// <summary>Every value of this graph, in the order of definition.</summary>
    public IReadOnlyCollection<Value> Values => _values.Values;

    /// <summary>The rest of the graph as the file has it.</summary>
    public Preserved? Source { get; init; }

    /// <summary>How many nodes were ever in the nest: every <see cref="GraphItem.Number"/> is below.</summary>
    public int NodeNumbers => _nest.Nodes;

    /// <summary>The same of values.</summary>
    public int ValueNumbers => _nest.Values;

    /// <summary>
    /// Grows with every change to the nodes of the nest: what was found out about them holds while it stays the same.
    /// </summary>
    public long Edits => _nest.Edits;

    /// <summary>What <see cref="TopologicalOrder"/> found, and at which <see cref="Edits"/>.</summary>
    internal (IReadOnlyList<Node> Nodes, long Edits)? Sorted { get; set; }

    /// <summary>The value of that name here or in an outer graph, or null.</summary>
    public Value? Find(string name) => FindOwn(name) ?? Outer?.Find(name);

    /// <summary>The value of that name in this graph itself, or null.</summary>
    public Value? FindOwn(string name) => _values.GetValueOrDefault(name);

    /// <summary>A new value of exactly this name; an existing one of that name in this graph is an error.</summary>
    public Value AddValue(string name, TensorType? declared = null, Preserved? source = null)
    {
        var value = new Value(name, _nest.Values) { Declared = declared, Source = source };
        if (!_values.TryAdd(name, value))
            throw new ArgumentException($"The graph already has a value '{name}'.", nameof(name));
        _nest.Values++;
        _nest.Names.Add(name);
        return value;
    }

    /// <summary>A new value named <paramref name="stem"/>, with a number behind it where that name is taken.</summary>
    /// <remarks>
    /// Taken means by any graph of the nest, and by names that are gone: an inner graph's own value would hide the new
    /// one from the readers inside it.
    /// </remarks>
    public Value AddFreshValue(string stem, TensorType? declared = null)
    {
        var name = stem;
        for (var number = 1; !_nest.Names.Add(name); number++) name = $"{stem}_{number}";
        var value = new Value(name, _nest.Values++) { Declared = declared };
        _values.Add(name, value);
        return value;
    }

    public void AddInput(Value value)
    {
        value.IsGraphInput = true;
        _inputs.Add(value);
    }

    public void AddOutput(Value value)
    {
        value.IsGraphOutput = true;
        _outputs.Add(value);
    }

    /// <summary>Takes an input off the graph's list; it stays a value until nobody reads it.</summary>
    public void RemoveInput(Value value)
    {
        if (_inputs.Remove(value)) value.IsGraphInput = false;
    }

    /// <summary>Takes an output off the graph's list; it stays a value.</summary>
    public void RemoveOutput(Value value)
    {
        _outputs.Remove(value);
        value.IsGraphOutput = _outputs.Contains(value);
    }

    /// <summary>Puts another value in an output's place.</summary>
    public void ReplaceOutput(Value old, Value replacement)
    {
        _outputs[_outputs.IndexOf(old)] = replacement;
        old.IsGraphOutput = _outputs.Contains(old);
        replacement.IsGraphOutput = true;
    }

    public void AddInitializer(Value value, TensorData data)
    {
        value.Initializer = data;
        value.Declared ??= data.Type;
        _initializers.Add(value);
    }

    /// <summary>Takes a constant's elements away; the value stays.</summary>
    public void RemoveInitializer(Value value)
    {
        value.Initializer = null;
        _initializers.Remove(value);
    }

    /// <summary>A new constant.</summary>
    public Value AddConstant(string stem, TensorData data)
    {
        var value = AddFreshValue(stem);
        AddInitializer(value, data);
        return value;
    }

    /// <summary>A number for a node that comes into its first graph.</summary>
    internal int NextNode() => _nest.Nodes++;

    /// <summary>Notes that a node came, went, moved or reads or writes something else.</summary>
    internal void NoteEdit() => _nest.Edits++;

    /// <summary>Forgets a value that nobody writes or reads any more.</summary>
    public void RemoveValue(Value value)
    {
        if (value.Producer is not null || value.Uses.Count > 0 || value.IsGraphOutput || value.IsGraphInput)
            throw new InvalidOperationException($"'{value}' is still in use.");
        _values.Remove(value.Name);
        if (value.Initializer is not null) _initializers.Remove(value);
    }
}
