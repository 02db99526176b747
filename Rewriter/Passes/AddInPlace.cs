using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets sums be written over a summand that nobody reads any more.</summary>
/// <remarks>
/// ONNX Runtime's kernels of Add and Sum take a buffer more. The sum is the same number.
/// 1. A Sum or Add of two float32 tensors of one shape becomes an AddInPlace, if one of them has its last reader there; that one stands first,
/// for it is written over.
/// 2. In the backward pass all such; in the forward pass what is summed around batch normalizations in training
/// (see <see cref="NormalizationValues"/>), where ONNX Runtime's optimizers fuse nothing.
/// </remarks>
internal sealed class AddInPlace(Graph graph, IReadOnlySet<Node> forward, Func<Value, TensorType?> typeOf)
{
    private static readonly HashSet<OperatorId> Sums = [OperatorId.Onnx("Add"), OperatorId.Onnx("Sum")];

    private readonly LastReaders _last = new(graph);

    /// <param name="inForward">Whether sums of the forward pass are changed too.</param>
    public void Apply(bool inForward)
    {
        var unfused = inForward ? NormalizationValues.Find(graph, forward) : new HashSet<Value>();
        foreach (var node in graph.Nodes.Where(node => Sums.Contains(node.Operator) && node.Inputs.Count == 2))
        {
            // Rule 2.
            if (!forward.Contains(node) || unfused.Contains(node.Output(0)!)) Replace(node);
        }
    }

    /// <summary>Rule 1.</summary>
    private void Replace(Node node)
    {
        if (node.Output(0) is not { IsGraphOutput: false } || node.Input(0) is not { } first || node.Input(1) is not { } second) return;
        if (TypeOf(first) is not { ElementType: DataType.Float, Shape.Rank: > 0 } || TypeOf(second) != TypeOf(first)) return;
        var (firstEnds, secondEnds) = (_last.IsAt(node, first), _last.IsAt(node, second));
        if (!firstEnds && !secondEnds) return;
        node.Operator = PackOperators.AddInPlace;
        if (firstEnds) return;
        node.SetInput(0, second);
        node.SetInput(1, first);
    }

    private TensorType? TypeOf(Value value) => typeOf(value) ?? value.Declared;
}
