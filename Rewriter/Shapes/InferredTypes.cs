using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes;

/// <summary>
/// The result of <see cref="ShapeInference"/>: a type per value, symbolic; the graph itself is unchanged.
/// </summary>
internal sealed class InferredTypes
{
    private static readonly Dictionary<string, long> NoBindings = [];
    private readonly GraphItemMap<Value, TensorType> _types;
    private readonly GraphItemMap<Value, IntegerTensor> _integers;

    internal InferredTypes(
        GraphItemMap<Value, TensorType> types,
        GraphItemMap<Value, IntegerTensor> integers,
        IReadOnlyDictionary<string, long>? bindings)
    {
        _types = types;
        _integers = integers;
        Bindings = bindings ?? NoBindings;
    }

    /// <summary>Sizes of the named dimensions, as the caller gave them.</summary>
    public IReadOnlyDictionary<string, long> Bindings { get; }

    /// <summary>Element type and symbolic shape; null where neither a rule nor the file knows the type.</summary>
    public TensorType? Of(Value value) => _types.GetValueOrDefault(value);

    /// <summary>
    /// The symbolic shape (its <c>Elements</c> print as <c>batch*64*112*112</c>); null when not even the rank is known.
    /// </summary>
    public Shape? ShapeOf(Value value) => Of(value)?.Shape;

    /// <summary>The sizes under <see cref="Bindings"/>; null when one is unknown.</summary>
    public long[]? SizesOf(Value value) => ShapeOf(value)?.Evaluate(Bindings);

    /// <summary>Bytes under <see cref="Bindings"/>; null when a size or the size of an element is unknown.</summary>
    public long? BytesOf(Value value) => Of(value)?.TryGetBytes(Bindings);

    /// <summary>
    /// The elements of a small integer tensor that the graph computes from shapes; null where data decides.
    /// </summary>
    public IntegerTensor? IntegersOf(Value value) => _integers.GetValueOrDefault(value);

    /// <summary>The same table seen under other sizes. Costs nothing.</summary>
    public InferredTypes With(IReadOnlyDictionary<string, long> bindings) => new(_types, _integers, bindings);
}
