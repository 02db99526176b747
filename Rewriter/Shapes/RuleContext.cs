using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes;

/// <summary>
/// What a rule sees of its node, and where it puts its findings. One object serves all nodes in turn.
/// </summary>
internal sealed class RuleContext(InferenceState state, long opset)
{
    private Node? _node;

    public Node Node => _node ?? throw new InvalidOperationException("Begin comes first.");

    /// <summary>Version of the standard operator set.</summary>
    public long Opset => opset;

    public int InputCount => Node.Inputs.Count;

    public int OutputCount => Node.Outputs.Count;

    public void Begin(Node node) => _node = node;

    public bool HasInput(int index) => Node.Input(index) is not null;

    /// <summary>Type of an input; null when it is left out or unknown.</summary>
    public TensorType? TypeOf(int input) => Node.Input(input) is { } value ? state.TypeOf(value) : null;

    public Shape? ShapeOf(int input) => TypeOf(input)?.Shape;

    /// <summary>Element type of an input; undefined when it is left out or unknown.</summary>
    public DataType ElementTypeOf(int input) => TypeOf(input)?.ElementType ?? DataType.Undefined;

    /// <summary>The elements of a small integer input, or null.</summary>
    public IntegerTensor? IntegersOf(int input) => Node.Input(input) is { } value ? state.IntegersOf(value) : null;

    /// <summary>Type of another value that was computed before.</summary>
    public TensorType? TypeOf(Value value) => state.TypeOf(value);

    /// <summary>Sets an output's type. Outputs that the node does not have are passed over.</summary>
    public void Set(int output, DataType elementType, Shape? shape)
    {
        if (Node.Output(output) is not { } value || (shape is null && elementType == DataType.Undefined)) return;
        state.Learn(
            value,
            value.Declared is { } declared && declared.ElementType == elementType && Equals(declared.Shape, shape)
                ? declared
                : new TensorType(elementType, shape));
    }

    /// <summary>Gives an output the type of an input.</summary>
    public void Copy(int output, int input)
    {
        if (Node.Output(output) is { } value && TypeOf(input) is { } type) state.Learn(value, type);
    }

    /// <summary>A dimension of an output that the rule cannot tell.</summary>
    public Dimension Open(int output, int axis) =>
        Node.Output(output) is { } value ? state.Open(value, axis) : Dimension.Named($"_d{axis}");

    /// <summary>A shape of which only the rank is known; null when that rank makes no sense.</summary>
    public Shape? OpenShape(int output, long rank) => rank is < 0 or > InferenceState.LargestRank
        ? null
        : new Shape(Enumerable.Range(0, (int)rank).Select(axis => Open(output, axis)));

    public bool IsOpen(Dimension dimension) => state.IsOpen(dimension);

    public bool IsOpen(Shape shape) => state.IsOpen(shape);

    /// <summary>Whether an output is small and of known shape, so that its elements are worth following.</summary>
    public bool MayBeIntegers(int output) =>
        Node.Output(output) is { } value && state.TypeOf(value)?.Shape is { } shape && IntegerTensor.Fits(shape);

    public void SetIntegers(int output, IntegerTensor elements)
    {
        if (Node.Output(output) is { } value) state.Learn(value, elements);
    }

    /// <summary>The shape set for an output so far.</summary>
    public Shape? OutputShape(int output) => Node.Output(output) is { } value ? state.TypeOf(value)?.Shape : null;

    /// <exception cref="ShapeInferenceException">The attribute is there, but is no integer.</exception>
    public long Int(string name, long otherwise) => Node.Attributes.Find(name)?.Value switch
    {
        null => otherwise,
        AttributeValue.Int found => found.Value,
        _ => throw Fail($"attribute '{name}' must be an integer."),
    };

    /// <exception cref="ShapeInferenceException">The attribute is there, but is no text.</exception>
    public string Text(string name, string otherwise) => Node.Attributes.Find(name)?.Value switch
    {
        null => otherwise,
        AttributeValue.Bytes found => found.Text,
        _ => throw Fail($"attribute '{name}' must be a string."),
    };

    /// <exception cref="ShapeInferenceException">The attribute is there, but is no list of integers.</exception>
    public IReadOnlyList<long>? Ints(string name) => Node.Attributes.Find(name)?.Value switch
    {
        null => null,
        AttributeValue.Ints found => found.Values,
        // A list that lost all its elements has no kind in old files.
        AttributeValue.Opaque => [],
        _ => throw Fail($"attribute '{name}' must be a list of integers."),
    };

    /// <summary>The element type an attribute names.</summary>
    public DataType ElementTypeIn(string attribute, DataType otherwise) => (DataType)Int(attribute, (long)otherwise);

    /// <summary>An axis counted from the front.</summary>
    /// <exception cref="ShapeInferenceException">The tensor has no such axis.</exception>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Fail($"axis {axis} is outside a tensor of rank {rank}.");

    /// <summary>
    /// A list that older operator sets have as an attribute and newer ones as an input: axes, split, pads, starts,
    /// ends.
    /// </summary>
    /// <param name="attribute">Its name as attribute.</param>
    /// <param name="input">Its place as input.</param>
    /// <param name="isGiven">Whether the node has it in either form; false means the operator's default.</param>
    /// <returns>The elements, or null when they are not given or depend on data.</returns>
    public Dimension?[]? List(string attribute, int input, out bool isGiven)
    {
        var ints = Ints(attribute);
        isGiven = ints is not null || HasInput(input);
        if (ints is not null) return [.. ints.Select(Dimension.Of)];
        return IntegersOf(input)?.Elements;
    }

    /// <summary>Like <see cref="List"/>, of plain numbers; null also when an element is symbolic.</summary>
    public long[]? Numbers(string attribute, int input, out bool isGiven)
    {
        var list = List(attribute, input, out isGiven);
        if (list is null || Array.Exists(list, element => element?.Value is null)) return null;
        return Array.ConvertAll(list, element => element!.Value!.Value);
    }

    /// <summary>An error that names this node.</summary>
    public ShapeInferenceException Fail(string problem) => new(Node, problem);
}
