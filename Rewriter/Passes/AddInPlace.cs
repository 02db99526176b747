using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets sums be written over a summand that nobody reads any more.</summary>
/// <remarks>
/// ONNX Runtime's kernels of Add and Sum take a buffer more. The sum is the same number.
/// 1. A Sum or Add of two float32 tensors of one shape becomes an AddInPlace, if one of them has its last reader there;
/// that one stands first, for it is written over.
/// 2. In the backward pass all such; in the forward pass what is summed around batch normalizations in training (see
/// <see cref="NormalizationValues"/>), where ONNX Runtime's optimizers fuse nothing.
/// 3. A Sum of more gradients becomes such sums of two. They stand behind all summands, so each runs before the summand
/// after it is made: two gradients are alive and not all. They are added in the order in which they come, or, where
/// every bit is to be kept, in the order of the Sum's inputs, which is the order in which ONNX Runtime adds them.
/// </remarks>
internal sealed class AddInPlace(
    Graph graph, GraphItemSet<Node> forward, Func<Value, TensorType?> typeOf, bool keepsOrder)
{
    private static readonly OperatorId Sum = OperatorId.Onnx("Sum");
    private static readonly HashSet<OperatorId> Sums = [OperatorId.Onnx("Add"), Sum];

    private readonly LastReaders _last = new(graph);

    /// <param name="unfused">The values of rule 2; null where sums of the forward pass are not changed.</param>
    /// <returns>The nodes as they run; null where there are others now.</returns>
    public IReadOnlyList<Node>? Apply(GraphItemSet<Value>? unfused)
    {
        var isLong = graph.Nodes.Where(IsLong).ToList();
        foreach (var node in isLong) TakeApart(node);
        foreach (var node in graph.Nodes.Where(node => Sums.Contains(node.Operator) && node.Inputs.Count == 2))
        {
            // Rule 2.
            if (!forward.Contains(node) || unfused?.Contains(node.Output(0)!) == true) Replace(node);
        }
        return isLong.Count == 0 ? _last.Order : null;
    }

    /// <summary>Rule 3.</summary>
    private bool IsLong(Node node) =>
        node.Operator == Sum && node.Inputs.Count > 2 && !forward.Contains(node)
            && node.Output(0) is { IsGraphOutput: false }
        && node.Input(0) is { } first && TypeOf(first) is { ElementType: DataType.Float, Shape.Rank: > 0 } type
        && EndAllIn(node, type);

    private bool EndAllIn(Node node, TensorType type) => node.Inputs.All(
        input => input is { Producer: not null } && TypeOf(input) == type && _last.IsAt(node, input));

    private void TakeApart(Node node)
    {
        var inputs = node.Inputs.Select(input => input!);
        var summands = keepsOrder ? inputs.ToList() : [.. inputs.OrderBy(input => _last.Executed[input.Producer!])];
        var (total, type) = (summands[0], TypeOf(summands[0]));
        foreach (var (index, summand) in summands.Index().Skip(1).SkipLast(1))
        {
            var part = graph.AddFreshValue($"{node.DisplayName}/sum{index}", type);
            var addition = GraphEditor.InsertBefore(
                node, PackOperators.AddInPlace, part.Name, [total, summand], [part]);
            addition.DocString = node.DocString;
            total = part;
        }
        var output = node.Output(0)!;
        node.SetOutput(0, null);
        var last = GraphEditor.InsertBefore(node, PackOperators.AddInPlace, node.Name, [total, summands[^1]], [output]);
        last.DocString = node.DocString;
        GraphEditor.Remove(node);
    }

    /// <summary>Rule 1.</summary>
    private void Replace(Node node)
    {
        if (node.Output(0) is not { IsGraphOutput: false } || node.Input(0) is not { } first
            || node.Input(1) is not { } second)
            return;
        if (TypeOf(first) is not { ElementType: DataType.Float, Shape.Rank: > 0 } || TypeOf(second) != TypeOf(first))
            return;
        var (firstEnds, secondEnds) = (_last.IsAt(node, first), _last.IsAt(node, second));
        if (!firstEnds && !secondEnds) return;
        node.Operator = PackOperators.AddInPlace;
        if (firstEnds) return;
        node.SetInput(0, second);
        node.SetInput(1, first);
    }

    private TensorType? TypeOf(Value value) => typeOf(value) ?? value.Declared;
}
