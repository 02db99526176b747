using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes;

/// <summary>What is known so far: types, integer elements, and which names are mere placeholders.</summary>
internal sealed class InferenceState
{
    /// <summary>Ranks above this are no tensor anybody computes with; shapes of such rank are not made up.</summary>
    public const int LargestRank = 64;

    private readonly GraphItemMap<Value, TensorType> _types;
    private readonly GraphItemMap<Value, IntegerTensor> _integers = new();
    private readonly GraphItemSet<Value> _askedConstants = new();
    private readonly HashSet<string> _inputNames = [];
    private readonly HashSet<string> _openNames = [];

    public InferenceState(Graph graph)
    {
        _types = new(graph.ValueNumbers);
        foreach (var input in graph.Inputs)
        {
            if (input.Declared is { } declared) Learn(input, declared);
            foreach (var dimension in input.Declared?.Shape ?? Shape.Scalar) _inputNames.UnionWith(dimension.Names());
        }
        foreach (var initializer in graph.Initializers)
        {
            if (initializer.IsConstant || initializer.Declared?.Shape is null)
                Learn(initializer, initializer.Initializer!.Type);
        }
    }

    public GraphItemMap<Value, TensorType> Types => _types;

    public GraphItemMap<Value, IntegerTensor> Integers => _integers;

    /// <summary>
    /// The type; values that no node of this graph writes and that are no inputs have only their declaration.
    /// </summary>
    public TensorType? TypeOf(Value value) =>
        _types.TryGetValue(value, out var type) ? type : value.Producer is null ? value.Declared : null;

    public IntegerTensor? IntegersOf(Value value)
    {
        if (_integers.TryGetValue(value, out var known)) return known;
        if (!value.IsConstant || !_askedConstants.Add(value)) return null;
        if (IntegerTensor.TryRead(value.Initializer!) is not { } read) return null;
        _integers[value] = read;
        return read;
    }

    public void Learn(Value value, TensorType type) => _types[value] = type;

    public void Learn(Value value, IntegerTensor elements) => _integers[value] = elements;

    /// <summary>A new dimension that nobody knows.</summary>
    public Dimension Open(Value value, int axis)
    {
        var name = $"{value.Name}_d{axis}";
        if (!_inputNames.Contains(name)) _openNames.Add(name);
        return Dimension.Named(name);
    }

    /// <summary>Whether the dimension's size depends on a placeholder.</summary>
    public bool IsOpen(Dimension dimension) =>
        _openNames.Count > 0 && !dimension.IsKnown && dimension.Names().Any(_openNames.Contains);

    public bool IsOpen(Shape shape)
    {
        if (_openNames.Count == 0) return false;
        foreach (var dimension in shape)
        {
            if (IsOpen(dimension)) return true;
        }
        return false;
    }

    /// <summary>Takes from the file's declaration what no rule found out about the node's outputs.</summary>
    public void FillGaps(Node node)
    {
        foreach (var output in node.Outputs)
        {
            if (output?.Declared is not { } declared) continue;
            if (!_types.TryGetValue(output, out var inferred)) Declare(output, declared);
            else if (inferred.Shape is null || inferred.ElementType == DataType.Undefined || IsOpen(inferred.Shape))
                Declare(output, Merge(inferred, declared));
        }
    }

    private TensorType Merge(TensorType inferred, TensorType declared)
    {
        var elementType = inferred.ElementType == DataType.Undefined ? declared.ElementType : inferred.ElementType;
        if (inferred.Shape is not { } shape) return new TensorType(elementType, declared.Shape);
        if (declared.Shape?.Rank != shape.Rank) return new TensorType(elementType, shape);
        var dimensions = shape.Select((dimension, axis) => IsOpen(dimension) ? declared.Shape[axis] : dimension);
        return new TensorType(elementType, new Shape(dimensions));
    }

    private void Declare(Value value, TensorType type)
    {
        foreach (var dimension in type.Shape ?? Shape.Scalar)
        {
            if (!dimension.IsKnown) _openNames.UnionWith(dimension.Names().Where(name => !_inputNames.Contains(name)));
        }
        Learn(value, type);
    }
}
