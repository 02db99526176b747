using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Finds the backward formulas that can be computed from packed bytes.</summary>
/// <remarks>
/// 1. ReluGrad and LeakyReluGrad, which read whether a value is positive.
/// 2. DropoutGrad in training mode, which reads a bool mask.
/// 3. MaxPoolGrad, whose indices come from a MaxPool with a window of its own.
/// 4. Where(X &gt; 0, dY, 0), as standard operators write Relu's gradient; the value may come through the Identity that
/// lowering reads saved tensors by.
/// 5. dY · Cast(min ≤ X and X ≤ max), as ONNX Runtime's gradient builder writes Clip's; one bound may be missing.
/// 6. The gradient of a softmax's cross entropy, which reads log-probabilities: linear in the probabilities, float32.
/// 7. Any other comparison of X with 0: its result is the mask itself.
/// 8. Gradients of activations, which are linear in the activation's derivative; at X + B where a bias goes in too.
/// 9. Any other comparison of X with one constant number: its result is a mask too, of the values within bounds.
/// 10. LogSoftmaxGrad, dY − exp(Y) · Σ dY, which is linear in the probabilities exp(Y); float32.
/// In 4 and 5 every node between has one reader, and dY is of X's type and shape.
/// </remarks>
internal sealed class DirectReads(ForwardBackwardSplit split, TriggerFinder triggers, Func<Value, TensorType?> typeOf)
{
    /// <summary>Of LeakyRelu's attribute where a node has none.</summary>
    public const float DefaultAlphaOfLeakyRelu = 0.01f;

    private const float DefaultAlphaOfQuickGelu = 1.702f;

    private static readonly OperatorId LogSoftmaxGradient = Microsoft("LogSoftmaxGrad_13");
    private static readonly OperatorId Where = OperatorId.Onnx("Where");
    private static readonly OperatorId And = OperatorId.Onnx("And");
    private static readonly OperatorId Cast = OperatorId.Onnx("Cast");
    private static readonly OperatorId Mul = OperatorId.Onnx("Mul");

    private readonly Dictionary<Node, DirectRead?> _clips = [];

    /// <summary>Gradient operators that never need lowering where a rewrite takes their place.</summary>
    public static IReadOnlySet<OperatorId> Operators { get; } = new HashSet<OperatorId>(
    [
        Microsoft("ReluGrad"), Microsoft("LeakyReluGrad"), Microsoft("DropoutGrad"), OperatorId.Onnx("MaxPoolGrad"),
        Microsoft("GeluGrad"), Microsoft("FastGeluGrad"), Microsoft("QuickGeluGrad"), Microsoft("SigmoidGrad"),
        Microsoft("TanhGrad"),
        Microsoft("BiasGeluGrad_dX"), Microsoft("BiasFastGeluGrad_dX"), OperatorTable.ActivationGrad,
        LogSoftmaxGradient, .. LossGradient.Operators,
    ]);

    /// <summary>The formula that a backward reader belongs to; null where there is none.</summary>
    public DirectRead? Find(Value value, Use use)
    {
        if (use.Node.Subgraphs.Any() || use.Node.Graph != value.Producer?.Graph) return null;
        if (Operators.Contains(use.Node.Operator)) return OfGradientOperator(value, use);
        return OfComparisonWithZero(value, use) ?? OfClip(value, use) ?? OfComparison(value, use);
    }

    /// <summary>Rules 1 to 3, 6, 8 and 10.</summary>
    private DirectRead? OfGradientOperator(Value value, Use use)
    {
        var node = use.Node;
        if (LossGradient.Operators.Contains(node.Operator)) return OfLoss(value, use);
        if (use.Input != 1 || node.Input(0) is not { } gradient || !IsFloat(gradient)) return null;
        return node.Operator.Type switch
        {
            "LogSoftmaxGrad_13" => OfLogSoftmax(value, node, gradient),
            "ReluGrad" => OfMask(PackOperators.ReluGradFromMask, node, gradient, MaskBits.Positive),
            "LeakyReluGrad" => OfMask(
                PackOperators.ReluGradFromMask, node, gradient, MaskBits.Positive,
                alpha: node.Attributes.GetFloat("alpha", DefaultAlphaOfLeakyRelu)),
            // What it scales is a gradient, unless a pass makes Dropout's result again by it.
            "DropoutGrad" when split.IsGradient(gradient) && node.Input(3) is { IsConstant: true } mode
                && mode.Initializer!.TryGetIntegers() is [not 0] =>
                OfMask(PackOperators.DropoutGradFromMask, node, gradient, MaskBits.Nonzero, ratio: node.Input(2)),
            "MaxPoolGrad" when PoolingIndices.WindowOf(value, typeOf) is { } window => new DirectRead
            {
                Operator = PackOperators.MaxPoolGradFromIndex,
                Result = node,
                Gradient = gradient,
                Window = window,
            },
            _ => OfActivation(node, gradient),
        };
    }

    /// <summary>Rule 8.</summary>
    private DirectRead? OfActivation(Node node, Value gradient)
    {
        DerivativeOf? derivative = node.Operator.Type switch
        {
            "GeluGrad" or "BiasGeluGrad_dX" => new DerivativeOf(ActivationFunction.Gelu),
            "FastGeluGrad" or "BiasFastGeluGrad_dX" => new DerivativeOf(ActivationFunction.FastGelu),
            "QuickGeluGrad" => new DerivativeOf(
                ActivationFunction.QuickGelu, node.Attributes.GetFloat("alpha", DefaultAlphaOfQuickGelu)),
            "SigmoidGrad" => new DerivativeOf(ActivationFunction.Sigmoid),
            "TanhGrad" => new DerivativeOf(ActivationFunction.Tanh),
            "ActivationGrad" => DerivativeOf.Read(node),
            _ => null,
        };
        // Where derivatives are not coded, a reader of values takes its place: which needs a trigger.
        if (derivative is null || gradient.Producer is null || !split.IsGradient(gradient)) return null;
        // A bias is added in the forward pass, where it must be there already.
        if (node.Input(2) is { Producer: not null }) return null;
        return new DirectRead
        {
            Operator = PackOperators.ActivationGradFromCodes,
            Result = node,
            Gradient = gradient,
            Derivative = derivative,
            Bias = node.Input(2),
        };
    }

    /// <summary>Rules 4 and 7.</summary>
    private DirectRead? OfComparisonWithZero(Value value, Use use)
    {
        Use? compared = BackwardMark.OriginOf(use.Node) is null ? use : OnlyUse(use.Node);
        if (compared is not { } test || !SignTest.IsOn(test)) return null;
        if (OnlyUse(test.Node) is { Input: 0, Node: var where } && where.Operator == Where
            && where.Input(1) is { } gradient && split.IsGradient(gradient) && SignTest.IsZero(where.Input(2))
            && IsSameTensorType(gradient, value))
            return OfMask(PackOperators.ReluGradFromMask, where, gradient, MaskBits.Positive);
        return triggers.For(test.Node) is { } trigger && IsFloat(trigger)
            ? OfMask(PackOperators.MaskUnpack, test.Node, trigger, MaskBits.Positive)
            : null;
    }

    /// <summary>Rule 5.</summary>
    private DirectRead? OfClip(Value value, Use use)
    {
        if (BoundOf(use) is null || OnlyUse(use.Node) is not { } next) return null;
        var joined = next.Node.Operator == And ? next.Node : null;
        var cast = joined is null ? next.Node : OnlyUse(joined)?.Node;
        if (cast is null || cast.Operator != Cast
            || OnlyUse(cast) is not { Node: var product } factor)
            return null;
        if (_clips.TryGetValue(product, out var known)) return known;
        return _clips[product] =
            ClipOf(value, joined?.Inputs ?? [use.Node.Output(0)], product, product.Input(1 - factor.Input));
    }

    private DirectRead? ClipOf(Value value, IReadOnlyList<Value?> comparisons, Node product, Value? gradient)
    {
        if (product.Operator != Mul || gradient is null || !split.IsGradient(gradient)
            || !IsSameTensorType(gradient, value)) return null;
        var (min, max) = (float.NegativeInfinity, float.PositiveInfinity);
        foreach (var comparison in comparisons)
        {
            var uses = value.Uses.Where(use => use.Node == comparison?.Producer).ToList();
            if (uses is not [var use] || OnlyUse(use.Node) is null || BoundOf(use) is not { } bound) return null;
            if (bound.IsLower) min = Math.Max(min, bound.At);
            else max = Math.Min(max, bound.At);
        }
        return OfMask(
            PackOperators.ClipGradFromMask, product, gradient, new MaskBits(Format.MaskTest.Inside, min, max));
    }

    /// <summary>X ≥ constant, or X ≤ constant; null for all else.</summary>
    private static (bool IsLower, float At)? BoundOf(Use use)
    {
        bool? isLower = use.Input != 0 ? null : use.Node.Operator.Type switch
        {
            "GreaterOrEqual" => true,
            "LessOrEqual" => false,
            _ => null,
        };
        return isLower is { } lower && SignTest.NumbersOf(use.Node.Input(1)) is [var bound] && (float)bound == bound
            ? (lower, (float)bound)
            : null;
    }

    /// <summary>Rule 9. What lies right above or below a bound is known of float32 alone.</summary>
    private DirectRead? OfComparison(Value value, Use use)
    {
        if (use.Input > 1 || SignTest.NumbersOf(use.Node.Input(1 - use.Input)) is not [var number]
            || typeOf(value) is not { ElementType: DataType.Float, Shape: { } shape }
            || typeOf(use.Node.Output(0)!)?.Shape?.Equals(shape) != true)
            return null;
        var bound = (float)number;
        var isFirst = use.Input == 0;
        MaskBits? bits = use.Node.Operator.Type switch
        {
            "GreaterOrEqual" when isFirst => new MaskBits(Format.MaskTest.Inside, Min: bound),
            "LessOrEqual" when !isFirst => new MaskBits(Format.MaskTest.Inside, Min: bound),
            "LessOrEqual" or "GreaterOrEqual" => new MaskBits(Format.MaskTest.Inside, Max: bound),
            "Greater" when isFirst => new MaskBits(Format.MaskTest.Inside, Min: MathF.BitIncrement(bound)),
            "Less" when !isFirst => new MaskBits(Format.MaskTest.Inside, Min: MathF.BitIncrement(bound)),
            "Less" or "Greater" => new MaskBits(Format.MaskTest.Inside, Max: MathF.BitDecrement(bound)),
            _ => null,
        };
        return bits is { } mask && float.IsFinite(bound) && bound == number
            && triggers.For(use.Node) is { } trigger && IsFloat(trigger)
            ? OfMask(PackOperators.MaskUnpack, use.Node, trigger, mask)
            : null;
    }

    /// <summary>Rule 6.</summary>
    private DirectRead? OfLoss(Value value, Use use)
    {
        if (use.Input != 1 || use.Node.Input(0) is not { } gradient || typeOf(value)?.ElementType != DataType.Float)
            return null;
        return LossGradient.Of(use.Node, typeOf) is { } loss
            ? new DirectRead
            {
                Operator = PackOperators.SoftmaxCrossEntropyLossGradFromPacked,
                Result = use.Node,
                Gradient = gradient,
                Loss = loss,
            }
            : null;
    }

    /// <summary>Rule 10.</summary>
    private DirectRead? OfLogSoftmax(Value value, Node node, Value gradient)
    {
        var axis = node.Attributes.GetInt("axis", -1);
        return typeOf(value) is { ElementType: DataType.Float, Shape.Rank: var rank } && -rank <= axis && axis < rank
            && split.IsGradient(gradient)
            ? new DirectRead
            {
                Operator = PackOperators.UnpackDequant,
                Result = node,
                Gradient = gradient,
                SumAxis = axis,
            }
            : null;
    }

    private static DirectRead OfMask(
        OperatorId op, Node result, Value gradient, MaskBits bits, float alpha = 0, Value? ratio = null) => new()
        {
            Operator = op,
            Result = result,
            Gradient = gradient,
            Bits = bits,
            Alpha = alpha,
            Ratio = ratio,
        };

    /// <summary>
    /// The one reader of a node's one result; null where there are several, or the result is a graph output.
    /// </summary>
    private static Use? OnlyUse(Node node) =>
        node.Outputs is [{ IsGraphOutput: false, Uses: [var use] }] && use.Node.Graph == node.Graph ? use : null;

    private bool IsFloat(Value value) => typeOf(value)?.ElementType.IsPackableFloat() == true;

    private bool IsSameTensorType(Value gradient, Value value) =>
        typeOf(gradient) is { Shape: { } shape } type && type.ElementType.IsPackableFloat()
            && typeOf(value) is { Shape: { } other } known
        && type.ElementType == known.ElementType && shape.Equals(other);

    private static OperatorId Microsoft(string type) => new(OperatorId.Microsoft, type);
}
