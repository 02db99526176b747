using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Gives every value of the backward pass, and some of the forward pass, its own name for one dimension, and a
/// declaration where it had none.
/// </summary>
/// <remarks>
/// ONNX Runtime lets a value take over a dead buffer of equal shape, names included; a forward buffer is then held
/// until a gradient of its shape takes it. Shapes with names of their own are never equal. The forward pass keeps its
/// names but for rule 5: some of ONNX Runtime's optimizers fuse only what has equal shapes (a sum into the convolution
/// before it), and the forward pass is to be rounded as the original's is.
/// 1. Results of backward nodes that are tensors with at least one axis; graph outputs keep their declaration.
/// 2. The outermost dimension that is a name, an expression or, in a static shape, a number gets the name <c>own_N</c>.
/// 3. Vectors of integers keep theirs: they are shapes and axes, whose length type inference needs.
/// 4. The result of an operator that can run in place takes the name of the input it can overwrite, where that is a
/// backward value of the same shape whose last reader it is: so ONNX Runtime does overwrite it. So does an Identity's
/// result: ONNX Runtime removes such nodes, and its readers then read the input.
/// 5. In the forward pass: results of batch normalization in training, what only that and packs read, and what is
/// written over such values. No optimizer fuses a normalization in training; and the buffers of one block are else held
/// for the next (see <see cref="NormalizationValues"/>).
/// 6. A value for which an equal one died right before takes that one's name, and ONNX Runtime its buffer
/// (<see cref="FreedBuffers"/>): the slices of a lowered weight gradient lie in one, where each else had pages of its
/// own to fetch from the system.
/// </remarks>
internal sealed class NameOwnDimensions
{
    private static readonly OperatorId Identity = OperatorId.Onnx("Identity");

    private readonly Graph _graph;
    private readonly GraphItemSet<Node> _forward;
    private readonly Func<Value, TensorType?> _typeOf;
    private readonly LastReaders _last;

    private NameOwnDimensions(Graph graph, GraphItemSet<Node> forward, Func<Value, TensorType?> typeOf)
    {
        (_graph, _forward, _typeOf) = (graph, forward, typeOf);
        _last = new LastReaders(graph);
    }

    /// <param name="graph">The graph.</param>
    /// <param name="forward">Its forward pass.</param>
    /// <param name="typeOf">Its types.</param>
    /// <param name="renamed">The values of rule 5, where they are known; null to find them.</param>
    public static void Apply(
        Graph graph, GraphItemSet<Node> forward, Func<Value, TensorType?> typeOf, GraphItemSet<Value>? renamed = null)
    {
        new NameOwnDimensions(graph, forward, typeOf).Apply(renamed ?? NormalizationValues.Find(graph, forward));
    }

    private void Apply(GraphItemSet<Value> renamed)
    {
        var types = new GraphItemMap<Value, TensorType>(_graph.ValueNumbers);
        var number = 0;
        var buffers = new FreedBuffers(_graph, types.GetValueOrDefault);
        foreach (var node in _last.Order)
        {
            var isForward = _forward.Contains(node);
            foreach (var value in node.Results)
            {
                number++;
                var type = isForward && !renamed.Contains(value) ? null : TypeToName(value); // Rule 5.
                if (type is not null) types[value] = type;
                var overwritten = type is null ? null : Overwritten(value, type, types); // Rule 4.
                var freed = buffers.Make(value, overwritten ?? BufferViews.SourceOf(value)); // Rule 6.
                // What runs before has its name.
                if (type is not null) value.Declared = (overwritten ?? freed)?.Declared ?? Named(type, number);
            }
            buffers.Leave(node);
        }
    }

    /// <summary>Rules 1 and 3.</summary>
    private TensorType? TypeToName(Value value) =>
        !value.IsGraphOutput && (_typeOf(value) ?? value.Declared) is { Shape.Rank: > 0 } type && !IsShapeOrAxes(type)
            ? type
            : null;

    private static bool IsShapeOrAxes(TensorType type) =>
        type.Shape!.Rank == 1 && !type.ElementType.IsPackableFloat() && type.ElementType != DataType.Bool;

    /// <summary>Rule 2.</summary>
    private static TensorType Named(TensorType type, int number)
    {
        var shape = type.Shape!;
        var axis = 0;
        while (axis < shape.Rank && shape[axis].IsKnown) axis++;
        return type with { Shape = shape.With(axis % shape.Rank, Dimension.Named($"own_{number}")) };
    }

    private Value? Overwritten(Value result, TensorType resultType, GraphItemMap<Value, TensorType> types)
    {
        var node = result.Producer!;
        if (node.Operator == Identity || PackOperators.PassThroughOutput(node.Operator) == result.OutputIndex)
            return node.Input(0) is { } source && types.ContainsKey(source) ? source : null;
        if (result.OutputIndex != 0) return null;
        foreach (var index in OverwritableInputs.Of(node.Operator))
        {
            if (node.Input(index) is { } input && types.GetValueOrDefault(input) == resultType
                && _last.IsAt(node, input))
                return input;
        }
        return null;
    }
}
