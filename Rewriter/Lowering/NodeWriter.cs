using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>
/// What a recipe sees of the node it replaces, and how it writes the replacement: nodes in the old one's place.
/// </summary>
/// <remarks>
/// 1. Replacements of a backward node are marked like it.
/// 2. What the forward pass saved is read through one Identity per input (see <see cref="BackwardMark"/>).
/// 3. A returned term takes the name of the output, so readers and graph outputs stay as they are.
/// </remarks>
internal sealed class NodeWriter
{
    private readonly Graph _graph;
    private readonly InferredTypes _types;
    private readonly ForwardBackwardSplit? _split;
    private readonly Dictionary<int, Term> _inputs = [];
    private readonly Dictionary<Value, Value> _returned = [];
    private readonly HashSet<Node> _written = [];

    /// <summary>What the nodes are written before; null in a body, where each stands behind the others.</summary>
    private readonly Node? _place;

    /// <param name="graph">The graph.</param>
    /// <param name="node">The node to replace.</param>
    /// <param name="types">Types of the graph's values.</param>
    /// <param name="opset">Version of the standard operator set.</param>
    /// <param name="split">The graph's halves; null where no tensor counts as saved.</param>
    public NodeWriter(Graph graph, Node node, InferredTypes types, long opset, ForwardBackwardSplit? split)
    {
        (_graph, Node, _types, Opset, _split) = (graph, node, types, opset, split);
        _place = node;
        // One type serves a whole formula: the operators that are lowered mix no floating-point types.
        ElementType = node.Inputs.Concat(node.Outputs).OfType<Value>().Select(value => types.Of(value)?.ElementType)
            .FirstOrDefault(type => type?.IsPackableFloat() == true) ?? DataType.Float;
    }

    private NodeWriter(NodeWriter outer, Graph body)
    {
        (_graph, Node, _types, Opset, _split) = (body, outer.Node, outer._types, outer.Opset, outer._split);
        ElementType = outer.ElementType;
    }

    public Node Node { get; }

    public long Opset { get; }

    /// <summary>Element type of the node's floating-point tensors.</summary>
    public DataType ElementType { get; }

    public bool Has(int input) => Node.Input(input) is not null;

    /// <summary>Whether anybody reads an output.</summary>
    public bool IsWanted(int output) =>
        Node.Output(output) is { } value && (value.Uses.Count > 0 || value.IsGraphOutput);

    /// <summary>An input, for its elements.</summary>
    public Term Input(int index)
    {
        if (_inputs.TryGetValue(index, out var known)) return known;
        var value = Node.Input(index) ?? throw Fail($"has no input {index}");
        var term = new Term(value, this);
        // Rule 2.
        if (_split is not null && _split.IsBackward(Node) && !_split.IsGradient(value) && _split.IsForwardResult(value))
            term = Write("Identity", [term], docString: BackwardMark.ForInput(Node, index));
        return _inputs[index] = term;
    }

    /// <summary>
    /// The dimensions of an input as an int64 vector: a constant where they are known, else a Shape node.
    /// </summary>
    public Term ShapeTensor(int input)
    {
        if (ShapeOf(input)?.TryGetSizes() is { } sizes) return Integers(sizes);
        return Write("Shape", [new Term(Node.Input(input) ?? throw Fail($"has no input {input}"), this)]);
    }

    /// <summary>The symbolic shape of an input; null when not even the rank is known.</summary>
    public Shape? ShapeOf(int input) => Node.Input(input) is { } value ? _types.ShapeOf(value) : null;

    /// <summary>The symbolic shape of an output; null when not even the rank is known.</summary>
    public Shape? ShapeOfOutput(int output) => Node.Output(output) is { } value ? _types.ShapeOf(value) : null;

    /// <exception cref="RecipeException">The rank is not known.</exception>
    public int RankOf(int input) => ShapeOf(input)?.Rank ?? throw Fail($"the rank of input {input} is not known");

    public DataType TypeOf(int input) =>
        Node.Input(input) is { } value ? _types.Of(value)?.ElementType ?? DataType.Undefined : DataType.Undefined;

    /// <summary>The elements of a small integer input, when every one is known.</summary>
    public long[]? NumbersOf(int input) => NumbersIn(Node.Input(input));

    /// <summary>The elements of a small integer output, when every one is known.</summary>
    public long[]? NumbersOfOutput(int output) => NumbersIn(Node.Output(output));

    /// <summary>The constant that an input is; null for all else.</summary>
    public TensorData? ConstantOf(int input) =>
        Node.Input(input) is { IsConstant: true } value ? value.Initializer : null;

    /// <summary>An integer constant of no axes or of one.</summary>
    public Term Integers(params long[] elements) => Constant(DenseTensorData.Integers(elements));

    public Term Integer(long element) => Constant(DenseTensorData.Scalar(element));

    /// <summary>A constant of the node's element type.</summary>
    public Term Number(double element) => OfElementType(Constant(DenseTensorData.Scalar((float)element)));

    /// <summary>A constant tensor of the node's element type.</summary>
    public Term Numbers(IReadOnlyList<long> sizes, float[] elements) =>
        OfElementType(Constant(DenseTensorData.Floats(sizes, elements)));

    /// <summary>Casts to the node's element type, from another one.</summary>
    public Term Cast(Term term, DataType from) => from == ElementType ? term : CastTo(term, ElementType);

    public Term CastTo(Term term, DataType type) =>
        Write("Cast", [term], attributes => attributes.Set("to", (long)type));

    /// <summary>A node of the standard domain with one result.</summary>
    public Term Write(
        string type, IReadOnlyList<Term?> inputs, Action<AttributeList>? configure = null, string? docString = null) =>
        WriteMany(type, inputs, 1, configure, docString)[0];

    /// <summary>A node of the standard domain with several results.</summary>
    public Term[] WriteMany(
        string type, IReadOnlyList<Term?> inputs, int outputs, Action<AttributeList>? configure = null,
        string? docString = null)
    {
        var stem = $"{Node.DisplayName}/{type}";
        var results = Enumerable.Range(0, outputs).Select(_ => _graph.AddFreshValue(stem)).ToArray();
        var node = Insert(type, results[0].Name, inputs.Select(input => input?.Value), results);
        node.DocString = docString ?? BackwardMark.SameAs(Node); // Rule 1.
        configure?.Invoke(node.Attributes);
        _written.Add(node);
        return Array.ConvertAll(results, result => new Term(result, this));
    }

    /// <summary>A graph inside the replacement, and a writer that fills it; it sees the values outside.</summary>
    public (Graph Body, NodeWriter Writer) StartBody(string name)
    {
        var body = new Graph(name, _graph);
        return (body, new NodeWriter(this, body));
    }

    /// <summary>A new input of the writer's graph, of the node's element type; for bodies.</summary>
    public Term AddInput(string stem)
    {
        var value = _graph.AddFreshValue($"{Node.DisplayName}/{stem}", new TensorType(ElementType, null));
        _graph.AddInput(value);
        return new Term(value, this);
    }

    /// <summary>What the node's readers read from now on. Returning an output that nobody reads does nothing.</summary>
    public void Return(int output, Term result)
    {
        if (Node.Output(output) is { } value) _returned[value] = result.Value;
    }

    /// <summary>Why the node cannot be replaced.</summary>
    public static RecipeException Fail(string reason) => new(reason);

    /// <summary>Takes the old node out and hands its outputs to the returned terms.</summary>
    /// <exception cref="RecipeException">An output that is read was not returned.</exception>
    public void Finish()
    {
        foreach (var output in Node.Results)
        {
            if (!_returned.ContainsKey(output) && IsWanted(output.OutputIndex))
                throw Fail($"the recipe does not cover the output '{output}'");
        }
        for (var index = 0; index < Node.Outputs.Count; index++)
        {
            if (Node.Outputs[index] is not { } output) continue;
            Node.SetOutput(index, null);
            if (_returned.TryGetValue(output, out var result)) Bind(output, result);
            else _graph.RemoveValue(output);
        }
        GraphEditor.Remove(Node);
    }

    /// <summary>
    /// Rule 3: lets the producer write the output itself; an Identity does it for values that are not this recipe's
    /// own.
    /// </summary>
    private void Bind(Value output, Value result)
    {
        output.Declared ??= _types.Of(output);
        if (result.Producer is not { } producer || !_written.Contains(producer) || _returned.ContainsKey(result))
        {
            var copy = Insert("Identity", $"{output.Name}/Identity", [result], [output]);
            copy.DocString = BackwardMark.SameAs(Node);
            return;
        }
        var index = result.OutputIndex;
        producer.SetOutput(index, null);
        producer.SetOutput(index, output);
        GraphEditor.ReplaceUses(result, output, _ => true);
        foreach (var other in _returned.Where(pair => pair.Value == result).Select(pair => pair.Key).ToList())
            _returned[other] = output;
        _graph.RemoveValue(result);
    }

    private long[]? NumbersIn(Value? value)
    {
        if (value is null) return null;
        if (value.IsConstant && value.Initializer!.TryGetIntegers() is { } constant) return constant;
        var elements = _types.IntegersOf(value)?.Elements;
        return elements is null || Array.Exists(elements, element => element?.Value is null)
            ? null
            : Array.ConvertAll(elements, element => element!.Value!.Value);
    }

    private Term OfElementType(Term constant) =>
        ElementType == DataType.Float ? constant : CastTo(constant, ElementType);

    private Term Constant(TensorData data) => new(_graph.AddConstant($"{Node.DisplayName}/constant", data), this);

    private Node Insert(string type, string name, IEnumerable<Value?> inputs, IEnumerable<Value?> outputs) =>
        _place is null
            ? GraphEditor.Add(_graph, OperatorId.Onnx(type), name, inputs, outputs)
            : GraphEditor.InsertBefore(_place, OperatorId.Onnx(type), name, inputs, outputs);
}
