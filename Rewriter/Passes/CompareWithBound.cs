using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Writes questions of the backward pass that have two answers per element as comparisons with a number, or asks them
/// in the forward pass, so that a bit for each answer takes the place of the tensors that were read (see <see
/// cref="DirectReads"/>).
/// </summary>
/// <remarks>
/// 1. Of Y = Max(X, c), c one constant number: Equal(X, Y) is X ≥ c, and Equal(c, Y) is X ≤ c. Of Min(X, c) it is the
/// other way round. So does ONNX Runtime write their gradients.
/// 2. Sign(X), which the gradient of Abs reads and L1 losses with it, is [X &gt; 0] − [X &lt; 0].
/// 3. How two tensors compare is asked in the forward pass: the gradients of Max(A, B) and Min(A, B), written with
/// Equal, read both and the result. Not in files without ONNX Runtime's marker, where what only the backward pass reads
/// counts as its own.
/// 4. The answers are the same to the last bit. X is left alone where the backward pass needs it exactly all the same;
/// and the sign of what is never negative, which its codes tell. Of two tensors one at least is freed.
/// </remarks>
internal sealed class CompareWithBound(
    Graph graph, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf, bool isLossless)
{
    private static readonly OperatorId Equal = OperatorId.Onnx("Equal");
    private static readonly OperatorId Sign = OperatorId.Onnx("Sign");
    private static readonly OperatorId Max = OperatorId.Onnx("Max");
    private static readonly OperatorId Min = OperatorId.Onnx("Min");

    private static readonly HashSet<OperatorId> Comparisons =
    [
        Equal, OperatorId.Onnx("Greater"), OperatorId.Onnx("GreaterOrEqual"), OperatorId.Onnx("Less"),
        OperatorId.Onnx("LessOrEqual"),
    ];

    private readonly Lazy<GraphItemMap<Node, int>> _position =
        new(() => ExecutionOrder.PositionsIn(TopologicalOrder.Of(graph)));

    /// <summary>Says what is compared with numbers now.</summary>
    public static IReadOnlyList<BoundComparison> Apply(
        Graph graph, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf, bool isLossless) =>
        new CompareWithBound(graph, split, typeOf, isLossless).Apply();

    private List<BoundComparison> Apply()
    {
        var written = new List<BoundComparison>();
        var ofTensors = new List<Node>();
        foreach (var node in graph.Nodes.Where(split.IsBackward).ToList())
        {
            if (node.Operator == Equal && OfExtremum(node) is { } test)
            {
                Replace(node, test.Type, test.X, test.Bound);
                written.Add(new BoundComparison(test.X, IsReadBackward(test.Extremum) ? [] : [test.Extremum]));
            }
            else if (IsOfTwoTensors(node))
            {
                ofTensors.Add(node);
            }
            else if (node.Operator == Sign && node.Input(0) is { } x && IsFreed(x) && !ReluOutputs.Contain(x))
            {
                WriteSign(node, x);
                written.Add(new BoundComparison(x));
            }
        }
        var released = new HashSet<Value>();
        foreach (var asked in ofTensors.Select(AskForward).ToList())
        {
            var freed = asked.Inputs.OfType<Value>().Where(
                value => split.IsForwardResult(value) && !IsReadBackward(value) && released.Add(value));
            written.Add(new BoundComparison(asked.Output(0)!, [.. freed]) { IsAnswer = true });
        }
        return written;
    }

    /// <summary>Rules 3 and 4: a bit is worth it where it has as many elements as what it frees.</summary>
    private bool IsOfTwoTensors(Node node) =>
        Comparisons.Contains(node.Operator) && BackwardMark.IsOn(node) && node.Inputs.All(IsKnownForward)
        && typeOf(node.Output(0)!)?.Shape is { } shape
        && node.Inputs.Any(operand => IsFreed(operand!) && shape.Equals(typeOf(operand!)!.Shape));

    private bool IsKnownForward(Value? operand) =>
        operand is not null && SignTest.NumbersOf(operand) is null
        && (operand.Producer is null || split.IsForwardResult(operand));

    /// <summary>Rule 3: right behind the later operand.</summary>
    private Node AskForward(Node node)
    {
        var later = node.Inputs.Select(input => input?.Producer).OfType<Node>()
            .MaxBy(producer => _position.Value[producer])!;
        var result = node.Output(0)!;
        node.SetOutput(0, null);
        var asked = GraphEditor.InsertAfter(later, node.Operator, node.Name, node.Inputs, [result]);
        GraphEditor.Remove(node);
        return asked;
    }

    /// <summary>Rule 1: the comparison that an Equal stands for; null where it is another one.</summary>
    private (string Type, Value X, Value Bound, Value Extremum)? OfExtremum(Node equal)
    {
        foreach (var (asked, extremum) in new[] { (equal.Input(0), equal.Input(1)), (equal.Input(1), equal.Input(0)) })
        {
            if (asked is null || extremum?.Producer is not { Inputs: [{ } first, { } second] } node
                || split.IsBackward(node) || node.Operator != Max && node.Operator != Min)
                continue;
            var (x, bound) = SignTest.NumbersOf(second) is [_] ? (first, second) : (second, first);
            if (SignTest.NumbersOf(bound) is not [_] || asked != x && asked != bound || !IsFreed(x)) continue;
            if (typeOf(x)?.Shape is not { } shape || !shape.Equals(typeOf(equal.Output(0)!)?.Shape)) continue;
            var isFromBelow = (node.Operator == Max) == (asked == x);
            return (isFromBelow ? "GreaterOrEqual" : "LessOrEqual", x, bound, extremum);
        }
        return null;
    }

    /// <summary>Rule 4.</summary>
    private bool IsFreed(Value x) =>
        split.IsForwardResult(x) && typeOf(x) is { ElementType: DataType.Float, Shape: not null }
        && IsReadBackward(x) && x.Uses.Where(use => split.IsBackward(use.Node)).All(IsServedOtherwise);

    private bool IsReadBackward(Value value) => value.Uses.Any(use => split.IsBackward(use.Node));

    private bool IsServedOtherwise(Use use) => Comparisons.Contains(use.Node.Operator) || use.Node.Operator == Sign
        || OperatorTable.Find(use.Node.Operator)?.NeedOf(use.Input) switch
        {
            Need.Shape or Need.Sign or Need.Bool => true,
            null or Need.Exact => !isLossless && DirectReads.Operators.Contains(use.Node.Operator),
            _ => !isLossless,
        };

    /// <summary>Rule 2.</summary>
    private void WriteSign(Node node, Value x)
    {
        var zero = graph.AddConstant($"{node.DisplayName}/zero", DenseTensorData.Scalar(0f));
        var (above, below) = (Number("Greater"), Number("Less"));
        Replace(node, "Sub", above, below);

        Value Number(string comparison)
        {
            var test = Insert(node, comparison, [x, zero], graph.AddFreshValue($"{node.Output(0)!.Name}/{comparison}"));
            var number = graph.AddFreshValue($"{test.Name}/number");
            Insert(node, "Cast", [test], number).Producer!.Attributes
                .Set("to", new AttributeValue.Int((long)DataType.Float));
            return number;
        }
    }

    private void Replace(Node node, string type, params Value[] inputs)
    {
        var result = node.Output(0)!;
        node.SetOutput(0, null);
        Insert(node, type, inputs, result);
        GraphEditor.Remove(node);
    }

    private Value Insert(Node place, string type, Value[] inputs, Value output)
    {
        var node = GraphEditor.InsertBefore(place, OperatorId.Onnx(type), $"{output.Name}/{type}", inputs, [output]);
        node.DocString = BackwardMark.SameAs(place);
        return output;
    }
}
