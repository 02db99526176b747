using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.TestModels.Building;

/// <summary>
/// Reverse-mode differentiation: walks the forward pass from its end; each node's rule writes its gradient.
/// </summary>
internal sealed class BackwardWriter
{
    private readonly GradientStyle _style;
    private readonly List<Node> _forward;
    private readonly HashSet<Value> _dependent = [];
    private readonly Dictionary<Value, int> _shares = [];
    private readonly Dictionary<Value, List<Value>> _given = [];
    private readonly Dictionary<Node, int> _written = [];

    public BackwardWriter(ModelBuilder builder, GradientStyle style)
    {
        Builder = builder;
        _style = style;
        _forward = [.. builder.Graph.Nodes];
        foreach (var node in _forward) Note(node);
    }

    public ModelBuilder Builder { get; }

    /// <summary>Whether the value depends on a trained parameter, so that its gradient is wanted.</summary>
    public bool Needs(Value? value) => value is not null && (_dependent.Contains(value) || Builder.IsTrained(value));

    /// <summary>Writes the backward pass, starting with the loss's own gradient.</summary>
    public void Write(Value loss, Value seed)
    {
        Give(loss, seed);
        foreach (var node in Enumerable.Reverse(_forward))
        {
            if (node.Output(0) is not { } output || !Needs(output) || !_given.ContainsKey(output)) continue;
            if (!_style.Rules.TryGetValue(node.Operator, out var rule))
                throw new InvalidOperationException($"{_style.GetType().Name} has no gradient for {node}.");
            rule(this, node, GradientOf(output));
        }
    }

    /// <summary>The gradient of a value; where several readers gave shares, their sum.</summary>
    public Value GradientOf(Value value)
    {
        if (_given[value] is [var single]) return single;
        var sum = Builder.Graph.AddFreshValue(value.Name + "_grad", value.Declared);
        Append(OperatorId.Onnx("Sum"), $"AccumulateGrad_{value.Name}_grad", _given[value], [sum]);
        _given[value] = [sum];
        return sum;
    }

    /// <summary>A new value for the gradient that a node is about to write; null where nobody wants it.</summary>
    public Value? NewGradient(Value? of)
    {
        if (of is null || !Needs(of)) return null;
        var share = _given.TryGetValue(of, out var given) ? given.Count : 0;
        var name = _shares.GetValueOrDefault(of) > 1 ? $"{of.Name}_grad_{share}" : of.Name + "_grad";
        var gradient = Builder.Graph.AddFreshValue(name, of.Declared);
        Give(of, gradient);
        return gradient;
    }

    /// <summary>Adds a share to the gradient of a value.</summary>
    public void Give(Value of, Value gradient)
    {
        if (!_given.TryGetValue(of, out var shares)) _given[of] = shares = [];
        shares.Add(gradient);
    }

    /// <summary>Appends a backward node with one output of its own.</summary>
    public Value Apply(
        string type, Node forward, TensorType result, IEnumerable<Value?> inputs, params NodeAttribute[] attributes)
    {
        var name = NameFor(forward, type);
        var output = Builder.Graph.AddFreshValue(name + "_output_0", result);
        Append(OperatorId.Onnx(type), name, inputs, [output], attributes);
        return output;
    }

    /// <summary>Appends a backward node that writes gradients; outputs nobody wants are left out.</summary>
    public void Append(
        OperatorId op, Node forward, IEnumerable<Value?> inputs, IReadOnlyList<Value?> outputs,
        params NodeAttribute[] attributes)
    {
        var wanted = outputs.Count;
        while (wanted > 0 && outputs[wanted - 1] is null) wanted--;
        if (wanted > 0) Append(op, NameFor(forward, op.Type), inputs, outputs.Take(wanted), attributes);
    }

    /// <summary>A Shape node for the backward pass, just before the forward node, where exporters put it.</summary>
    public Value ShapeBefore(Node forward, Value of)
    {
        var rank = of.Declared!.Shape!.Rank;
        var shape = Builder.Graph.AddFreshValue(
            $"{forward.Name}_Grad/{of.Name}_shape", new TensorType(DataType.Int64, Shape.Of(rank)));
        var node = GraphEditor.InsertBefore(
            forward, OperatorId.Onnx("Shape"), NameFor(forward, "Shape"), [of], [shape]);
        node.DocString = _style.Marker;
        return shape;
    }

    /// <summary>
    /// Numbered per forward node, as ONNX Runtime's gradient builder does: it refuses two nodes of one name.
    /// </summary>
    private string NameFor(Node forward, string type)
    {
        var number = _written[forward] = _written.GetValueOrDefault(forward, -1) + 1;
        return $"{forward.Name}_Grad/{type}_{number}";
    }

    private void Append(
        OperatorId op, string name, IEnumerable<Value?> inputs, IEnumerable<Value?> outputs,
        params NodeAttribute[] attributes) =>
        Builder.Append(op, name, inputs, outputs, attributes).DocString = _style.Marker;

    private void Note(Node node)
    {
        if (!node.Inputs.Any(Needs)) return;
        foreach (var input in node.Inputs)
        {
            if (input is not null) _shares[input] = _shares.GetValueOrDefault(input) + 1;
        }
        foreach (var output in node.Outputs)
        {
            if (output is not null) _dependent.Add(output);
        }
    }
}
