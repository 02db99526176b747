using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Makes the gradients of attention linear in the weights P: dS = P · (dP − Σ P·dP), and with O = P · V and dP = dO ·
/// Vᵀ the sum over a row of P is Σ O·dO over the same row of O, with dropout behind P too.
/// </summary>
/// <remarks>
/// 1. The product with dO is taken where O, or a view of it, is read in the backward pass anyway, or is small; the
/// backward views that lead from there to dO lead the product to O's shape, where its rows are summed.
/// 2. SoftmaxGrad becomes P · (dP − sum).
/// 3. Backward readers of Dropout's result read it made again from P and the mask, so that P alone is kept.
/// </remarks>
internal sealed class TakeRowSumFromProduct(Graph graph, ForwardBackwardSplit split)
{
    private static readonly OperatorId DropoutGradient = new(OperatorId.Microsoft, "DropoutGrad");

    /// <summary>Rewrites every attention of a graph; says where.</summary>
    public static IReadOnlyList<RowSum> Apply(
        Graph graph, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf,
        IReadOnlyDictionary<string, long> dimensions)
    {
        var finder = new AttentionFinder(split, typeOf, dimensions);
        var found = graph.Nodes.Select(finder.Find).OfType<Attention>().ToList();
        var pass = new TakeRowSumFromProduct(graph, split);
        return [.. found.Select(pass.Rewrite)];
    }

    private RowSum Rewrite(Attention attention)
    {
        var (place, name) = (attention.Gradient, attention.Gradient.DisplayName);
        // Rule 1.
        var isContextNew = !attention.Context.Uses.Any(
            use => split.IsBackward(use.Node)
            && OperatorTable.Find(use.Node.Operator)?.NeedOf(use.Input) != Need.Shape);
        var product = Insert(
            place, OperatorId.Onnx("Mul"), $"{name}/product", [attention.Context, attention.ContextGradient]);
        var current = product.Output(0)!;
        foreach (var view in attention.Views)
        {
            var moved = Insert(place, view.Operator, $"{name}/{view.Operator.Type}", [current, .. view.Inputs.Skip(1)]);
            foreach (var attribute in view.Attributes) moved.Attributes.Set(attribute.Name, attribute.Value);
            current = moved.Output(0)!;
        }
        var axes = graph.AddConstant($"{name}/axes", DenseTensorData.Integers(-1));
        var sum = Insert(place, OperatorId.Onnx("ReduceSum"), $"{name}/sum", [current, axes]);
        sum.Attributes.Set("keepdims", 1);
        // Rule 2.
        var difference = Insert(
            place, OperatorId.Onnx("Sub"), $"{name}/difference", [attention.WeightsGradient, sum.Output(0)]);
        var result = place.Output(0)!;
        place.SetOutput(0, null);
        var gradient = Insert(
            place, OperatorId.Onnx("Mul"), $"{name}/Mul", [attention.Weights, difference.Output(0)], result);
        GraphEditor.Remove(place);
        var isRebuilt = attention.Dropout is { } dropout && ReadWeightsInstead(dropout);
        return new RowSum(product, difference, gradient, isRebuilt ? attention.Dropout!.Output(0) : null)
        {
            Added = isContextNew ? attention.Context : null,
        };
    }

    /// <summary>Rule 3; tells whether there was a reader.</summary>
    private bool ReadWeightsInstead(Node dropout)
    {
        var readers = dropout.Output(0)!.Uses.Where(IsValueReader).ToList();
        foreach (var use in readers)
        {
            var again = Insert(
                use.Node, DropoutGradient, $"{dropout.DisplayName}/again",
                [dropout.Input(0), dropout.Output(1), dropout.Input(1), dropout.Input(2)]);
            use.Node.SetInput(use.Input, again.Output(0));
        }
        return readers.Count > 0;
    }

    private bool IsValueReader(Use use) =>
        use.Node.Graph == graph && split.IsBackward(use.Node)
            && OperatorTable.Find(use.Node.Operator)?.NeedOf(use.Input) == Need.Linear;

    private Node Insert(Node place, OperatorId op, string name, IEnumerable<Value?> inputs, Value? output = null)
    {
        var written = output ?? graph.AddFreshValue(name);
        // Node names are unique as values' names are.
        var node = GraphEditor.InsertBefore(place, op, output is null ? written.Name : name, inputs, [written]);
        node.DocString = place.DocString;
        return node;
    }
}
