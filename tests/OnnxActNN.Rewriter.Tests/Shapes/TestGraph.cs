using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Tests.Shapes;

/// <summary>Builds tiny graphs; types are written as the library prints them (<c>float32[batch, 4]</c>).</summary>
internal sealed class TestGraph(string name = "", long opset = 17)
{
    public Graph Graph { get; } = new(name);

    public Model Model => new(Graph) { OpsetImports = { [""] = opset } };

    public static TensorType Parse(string type)
    {
        var open = type.IndexOf('[', StringComparison.Ordinal);
        var elementType = Enum.GetValues<DataType>().First(candidate => candidate.DisplayName() == type[..open]);
        var inner = type[(open + 1)..^1];
        if (inner == "?") return new TensorType(elementType, null);
        var dimensions = inner.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return new TensorType(elementType, new Shape(dimensions.Select(DimensionParser.Parse)));
    }

    public Value Input(string valueName, string type)
    {
        var value = Graph.AddValue(valueName, Parse(type));
        Graph.AddInput(value);
        return value;
    }

    /// <summary>A vector of int64.</summary>
    public Value Constant(string valueName, params long[] elements) =>
        Graph.AddConstant(valueName, DenseTensorData.Integers(elements));

    /// <summary>An int64 scalar.</summary>
    public Value Scalar(string valueName, long element) =>
        Graph.AddConstant(valueName, DenseTensorData.Scalar(element));

    /// <summary>A node with one output, named after the operator.</summary>
    public Value Apply(string op, params Value?[] inputs) => Apply(op, inputs, []);

    public Value Apply(string op, Value?[] inputs, params (string Name, object Value)[] attributes) =>
        ApplyAll(op, 1, inputs, attributes)[0];

    /// <param name="op">Operator type, with its domain and :: in front where it is not the standard one.</param>
    /// <param name="outputs">Number of outputs.</param>
    /// <param name="inputs">What it reads.</param>
    /// <param name="attributes">long, string, float, long[] or <see cref="AttributeValue"/>.</param>
    public Value[] ApplyAll(string op, int outputs, Value?[] inputs, params (string Name, object Value)[] attributes)
    {
        var split = op.Split("::");
        var node = new Node(split.Length == 1 ? OperatorId.Onnx(op) : new OperatorId(split[0], split[1]));
        foreach (var (attribute, value) in attributes) node.Attributes.Set(attribute, ToAttribute(value));
        foreach (var input in inputs) node.AddInputs(input);
        var written = Enumerable.Range(0, outputs).Select(_ => Graph.AddFreshValue(split[^1])).ToArray();
        foreach (var output in written) node.AddOutputs(output);
        Graph.Nodes.Add(node);
        return written;
    }

    private static AttributeValue ToAttribute(object value) => value switch
    {
        long number => new AttributeValue.Int(number),
        float number => new AttributeValue.Float(number),
        string text => new AttributeValue.Bytes(text),
        long[] list => new AttributeValue.Ints(list),
        AttributeValue ready => ready,
        _ => throw new ArgumentException($"no attribute can hold a {value.GetType()}.", nameof(value)),
    };
}
