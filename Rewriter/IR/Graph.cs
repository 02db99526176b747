namespace OnnxActNN.Rewriter.IR;

/// <summary>Nodes and the values they read and write. Names are unique within a graph; a subgraph also sees its outer graph's.</summary>
internal sealed class Graph
{
    private readonly Dictionary<string, Value> _values = [];
    private readonly List<Value> _inputs = [];
    private readonly List<Value> _outputs = [];
    private readonly List<Value> _initializers = [];

    public Graph(string name = "", Graph? outer = null)
    {
        Name = name;
        Outer = outer;
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
    public IEnumerable<Value> Values => _values.Values;

    /// <summary>The rest of the graph as the file has it.</summary>
    public Preserved? Source { get; init; }

    /// <summary>The value of that name here or in an outer graph, or null.</summary>
    public Value? Find(string name) => _values.TryGetValue(name, out var value) ? value : Outer?.Find(name);

    /// <summary>A new value of exactly this name; an existing one of that name in this graph is an error.</summary>
    public Value AddValue(string name, TensorType? declared = null, Preserved? source = null)
    {
        var value = new Value(name) { Declared = declared, Source = source };
        if (!_values.TryAdd(name, value)) throw new ArgumentException($"The graph already has a value '{name}'.", nameof(name));
        return value;
    }

    /// <summary>A new value named <paramref name="stem"/>, with a number behind it where that name is taken.</summary>
    public Value AddFreshValue(string stem, TensorType? declared = null)
    {
        var name = stem;
        for (var number = 1; Find(name) is not null; number++) name = $"{stem}_{number}";
        return AddValue(name, declared);
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

    public void AddInitializer(Value value, TensorData data)
    {
        value.Initializer = data;
        value.Declared ??= data.Type;
        _initializers.Add(value);
    }

    /// <summary>A new constant.</summary>
    public Value AddConstant(string stem, TensorData data)
    {
        var value = AddFreshValue(stem);
        AddInitializer(value, data);
        return value;
    }

    /// <summary>Forgets a value that nobody writes or reads any more.</summary>
    public void RemoveValue(Value value)
    {
        if (value.Producer is not null || value.Uses.Count > 0 || value.IsGraphOutput || value.IsGraphInput)
            throw new InvalidOperationException($"'{value}' is still in use.");
        _values.Remove(value.Name);
        if (value.Initializer is not null) _initializers.Remove(value);
    }
}
