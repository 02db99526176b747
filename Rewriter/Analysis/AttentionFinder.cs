using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Finds the attention that a softmax's gradient belongs to.</summary>
/// <remarks>
/// 1. A SoftmaxGrad over the last axis of P, the result of a Softmax; its dP is dO · Vᵀ alone, or what the DropoutGrad
/// of the Dropout behind P makes of that.
/// 2. O is the forward product of P, or of that Dropout's result, with the same V.
/// 3. From O on, views of the forward pass are undone by views of the backward pass one by one, until one is read in
/// the backward pass anyway. Where none is, as in front of a projection that is not trained, O itself is read if it has
/// half the elements of P or fewer: P has half the width for it. A dP that is a sum has another reader of P in it, and
/// then O does not tell the row sum.
/// </remarks>
/// <param name="split">Halves of the graph.</param>
/// <param name="typeOf">Its types.</param>
/// <param name="dimensions">Sizes of named dimensions.</param>
internal sealed class AttentionFinder(
    ForwardBackwardSplit split, Func<Value, TensorType?> typeOf, IReadOnlyDictionary<string, long> dimensions)
{
    private static readonly OperatorId FusedMatMul = new(OperatorId.Microsoft, "FusedMatMul");
    private static readonly OperatorId DropoutGradient = new(OperatorId.Microsoft, "DropoutGrad");
    private static readonly OperatorId Softmax = OperatorId.Onnx("Softmax");
    private static readonly OperatorId Dropout = OperatorId.Onnx("Dropout");
    private static readonly OperatorId MatMul = OperatorId.Onnx("MatMul");
    private static readonly OperatorId Transpose = OperatorId.Onnx("Transpose");
    private static readonly OperatorId Identity = OperatorId.Onnx("Identity");
    private static readonly HashSet<string> Reshapes = ["Reshape", "Flatten", "Squeeze", "Unsqueeze"];

    /// <summary>The gradient operators that this is about.</summary>
    public static IReadOnlyList<OperatorId> Gradients { get; } =
        [new(OperatorId.Microsoft, "SoftmaxGrad"), new(OperatorId.Microsoft, "SoftmaxGrad_13")];

    /// <summary>The attention; null where the node is no SoftmaxGrad, or one of something else.</summary>
    public Attention? Find(Node gradient) => Gradients.Contains(gradient.Operator) ? Of(gradient) : null;

    private Attention? Of(Node gradient)
    {
        if (gradient.Inputs is not [{ } arriving, { Producer: { } softmax } weights]
            || softmax.Operator != Softmax
            || split.IsBackward(softmax) || !IsOverLastAxis(gradient, weights)) return null;
        var (read, before, dropout) = (weights, arriving, (Node?)null);
        if (arriving.Producer?.Operator == DropoutGradient)
        {
            dropout = DropoutOf(arriving.Producer, weights);
            if (dropout is null) return null;
            (read, before) = (dropout.Output(0)!, arriving.Producer.Input(0)!);
        }
        if (before.Producer is not { } product || FactorsOf(product) is not var (outputGradient, values)) return null;
        var outputs = read.Uses.Where(use => IsProductWith(values, use)).ToList(); // Rule 2.
        return outputs is [{ Node: var forward }]
            && (Follow(forward.Output(0)!, outputGradient) ?? Unread(forward.Output(0)!, outputGradient, weights))
                is var (context, reached, views)
            ? new Attention
            {
                Gradient = gradient,
                Weights = weights,
                WeightsGradient = arriving,
                Dropout = dropout,
                Context = context,
                ContextGradient = reached,
                Views = views,
            }
            : null;
    }

    private bool IsOverLastAxis(Node gradient, Value weights)
    {
        if (typeOf(weights)?.Shape?.Rank is not { } rank) return false;
        var axis = gradient.Attributes.GetInt("axis", gradient.Operator.Type == "SoftmaxGrad" ? 1 : -1);
        return axis == -1 || axis == rank - 1;
    }

    /// <summary>The forward Dropout that a DropoutGrad undoes, if it reads P.</summary>
    private static Node? DropoutOf(Node gradient, Value weights) =>
        gradient.Input(0) is not null && gradient.Input(1) is { OutputIndex: 1, Producer: { } dropout }
        && dropout.Operator == Dropout && dropout.Input(0) == weights
            && dropout.Output(0) is not null
        && gradient.Input(2) == dropout.Input(1) && gradient.Input(3) == dropout.Input(2)
            ? dropout
            : null;

    /// <summary>dO and V of a product dO · Vᵀ.</summary>
    private static (Value Gradient, Value Values)? FactorsOf(Node product)
    {
        if (product.Inputs is not [{ } gradient, { } second]) return null;
        if (product.Operator == FusedMatMul) return IsPlain(product, transposesSecond: 1) ? (gradient, second) : null;
        return product.Operator == MatMul && second.Producer is { } transpose
            && SwapsLastAxes(transpose)
            ? (gradient, transpose.Input(0)!)
            : null;
    }

    private bool IsProductWith(Value values, Use use) =>
        use.Input == 0 && !split.IsBackward(use.Node) && use.Node.Input(1) == values
        && (use.Node.Operator == MatMul
            || (use.Node.Operator == FusedMatMul && IsPlain(use.Node, transposesSecond: 0)));

    private static bool IsPlain(Node product, long transposesSecond) =>
        product.Attributes.GetInt("transA", 0) == 0 && product.Attributes.GetInt("transB", 0) == transposesSecond
        && product.Attributes.GetInt("transBatchA", 0) == 0 && product.Attributes.GetInt("transBatchB", 0) == 0
        && product.Attributes.GetFloat("alpha", 1) == 1;

    private static bool SwapsLastAxes(Node node)
    {
        if (node.Operator != Transpose
            || node.Attributes.GetInts("perm") is not { Count: >= 2 } axes)
            return false;
        var rank = axes.Count;
        return axes[^1] == rank - 2 && axes[^2] == rank - 1
            && Enumerable.Range(0, rank - 2).All(axis => axes[axis] == axis);
    }

    /// <summary>Rule 3.</summary>
    private (Value Context, Value Gradient, IReadOnlyList<Node> Views)? Follow(Value forward, Value gradient)
    {
        var views = new List<Node>();
        while (!IsReadBackward(forward))
        {
            var undo = gradient.Producer;
            while (undo is not null && undo.Operator == Identity) undo = undo.Input(0)?.Producer;
            if (undo?.Input(0) is not { } before) return null;
            var steps = forward.Uses.Where(
                use => use.Input == 0 && !split.IsBackward(use.Node) && Undoes(undo, use.Node)).ToList();
            if (steps is not [{ Node: var step }]) return null;
            views.Insert(0, undo);
            (forward, gradient) = (step.Output(0)!, before);
        }
        return (forward, gradient, views);
    }

    /// <summary>Rule 3: both have the rows, whose lengths are those of the last axes.</summary>
    private (Value Context, Value Gradient, IReadOnlyList<Node> Views)? Unread(
        Value forward, Value gradient, Value weights) =>
        typeOf(forward)?.Shape is { Rank: > 0 } shape && typeOf(weights)?.Shape is { Rank: > 0 } rows
        && LastOf(shape) is { } length && LastOf(rows) is { } keys && 2 * length <= keys
            ? (forward, gradient, [])
            : null;

    private long? LastOf(Shape shape) => shape[shape.Rank - 1].Evaluate(dimensions);

    private bool IsReadBackward(Value value) => value.Uses.Any(use =>
        split.IsBackward(use.Node) && OperatorTable.Find(use.Node.Operator) is { } traits
            && traits.NeedOf(use.Input) != Need.Shape);

    private bool Undoes(Node undo, Node view)
    {
        if (view.Operator == Transpose && undo.Operator == view.Operator)
        {
            return view.Attributes.GetInts("perm") is { } there && undo.Attributes.GetInts("perm") is { } back
                && there.Count == back.Count
                && Enumerable.Range(0, back.Count).All(axis => there[(int)back[axis]] == axis);
        }
        return IsReshape(view) && IsReshape(undo)
            && typeOf(undo.Output(0)!)?.Shape is { } shape && shape.Equals(typeOf(view.Input(0)!)?.Shape);
    }

    private static bool IsReshape(Node node) =>
        node.Operator.Domain.Length == 0 && Reshapes.Contains(node.Operator.Type);
}
