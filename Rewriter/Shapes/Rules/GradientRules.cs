using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Shapes.Rules.CommonRules;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>
/// ONNX Runtime's gradient operators: nearly always the gradient of an input has the shape of that input, which the
/// node reads, or of an int64 tensor that lists it.
/// </summary>
internal static class GradientRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Microsoft(
            SameAs(1, 0),
            "ReluGrad", "LeakyReluGrad", "GeluGrad", "FastGeluGrad", "QuickGeluGrad", "SigmoidGrad", "TanhGrad",
            "BiasGeluGrad_dX", "BiasFastGeluGrad_dX", "SoftmaxGrad", "SoftmaxGrad_13", "LogSoftmaxGrad",
            "LogSoftmaxGrad_13", "ResizeGrad");
        rows.Microsoft(SameAsFirst, "DropoutGrad", "BitmaskDropoutGrad", "SoftmaxDropoutGrad");
        rows.Microsoft(ConvGrad, "ConvGrad");
        rows.Microsoft(ConvTransposeGrad, "ConvTransposeGrad");
        rows.Microsoft(EachSameAs(offset: 1), "DivGrad", "SimplifiedLayerNormalizationGrad");
        rows.Microsoft(
            NormalizationGrad,
            "BatchNormalizationGrad", "LayerNormalizationGrad", "InvertibleLayerNormalizationGrad");
        rows.Microsoft(context => FromShapeInput(context, shape: 0, gradient: 2), "GatherGrad", "GatherNDGrad");
        rows.Microsoft(context => FromShapeInput(context, shape: 1, gradient: 0), "GatherElementsGrad", "SliceGrad");
        rows.Microsoft(BroadcastGradientArgs, "BroadcastGradientArgs");
        rows.Microsoft(YieldOp, "YieldOp");
    }

    private static void ConvGrad(RuleContext context)
    {
        context.Copy(0, 1);
        context.Copy(1, 2);
        if (context.ShapeOf(2) is { Rank: > 0 } weight) context.Set(2, context.ElementTypeOf(2), new Shape(weight[0]));
    }

    private static void ConvTransposeGrad(RuleContext context)
    {
        context.Copy(0, 1);
        context.Copy(1, 2);
        if (context.ShapeOf(2) is { Rank: > 1 } weight)
            context.Set(2, context.ElementTypeOf(2), new Shape(weight[1] * Dimension.Of(context.Int("group", 1))));
    }

    /// <summary>
    /// Inputs dY, X, scale, ...; outputs dX, and the gradients of scale and bias, both like the scale.
    /// </summary>
    private static void NormalizationGrad(RuleContext context)
    {
        Like(context, 0, 1, 0);
        context.Copy(1, 2);
        context.Copy(2, 2);
    }

    private static void FromShapeInput(RuleContext context, int shape, int gradient) =>
        context.Set(0, context.ElementTypeOf(gradient), ShapeFrom(context, shape, output: 0));

    /// <summary>Which axes the gradients of A and B are summed over, from the highest down.</summary>
    private static void BroadcastGradientArgs(RuleContext context)
    {
        for (var output = 0; output < 2; output++)
        {
            var own = context.IntegersOf(output)?.Elements;
            var other = context.IntegersOf(1 - output)?.Elements;
            if (own is null || other is null || BroadcastAxes(own, other) is not { } axes)
            {
                context.Set(output, DataType.Int64, new Shape(context.Open(output, 0)));
                continue;
            }
            context.Set(output, DataType.Int64, Shape.Of(axes.Count));
            if (axes.Count <= IntegerTensor.MostElements) context.SetIntegers(output, IntegerTensor.Vector([.. axes]));
        }
    }

    /// <summary>Null where an unknown size might be 1 (names are larger, see <see cref="ShapeInference"/>).</summary>
    private static List<Dimension>? BroadcastAxes(Dimension?[] own, Dimension?[] other)
    {
        var rank = Math.Max(own.Length, other.Length);
        var axes = new List<Dimension>();
        for (var axis = rank - 1; axis >= 0; axis--)
        {
            var ownSize = SizeAt(own, axis - rank + own.Length);
            var otherSize = SizeAt(other, axis - rank + other.Length);
            if (ownSize is null || otherSize is null) return null;
            if (ownSize.Value == 1 && otherSize.Value != 1) axes.Add(Dimension.Of(axis));
        }
        return axes;
    }

    private static Dimension? SizeAt(Dimension?[] sizes, int axis) => axis < 0 ? Dimension.One : sizes[axis];

    /// <summary>Hands outputs to PyTorch and takes their gradients; outputs without gradient have none here.</summary>
    private static void YieldOp(RuleContext context)
    {
        var without = context.Ints("non_differentiable_outputs") ?? [];
        var output = 0;
        for (var input = 0; input < context.InputCount; input++)
        {
            if (!without.Contains(input)) context.Copy(output++, input);
        }
    }
}
