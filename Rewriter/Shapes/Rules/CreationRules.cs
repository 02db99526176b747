using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Shapes.Rules.CommonRules;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Tensors made from shapes, numbers or nothing.</summary>
internal static class CreationRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(ShapeOf, "Shape");
        rows.Onnx(context => context.Set(0, DataType.Int64, Shape.Scalar), "Size");
        rows.Onnx(Constant, "Constant");
        rows.Onnx(ConstantOfShape, "ConstantOfShape");
        rows.Onnx(Range, "Range");
        rows.Onnx(OneHot, "OneHot");
        rows.Onnx(LikeFirst, "EyeLike", "RandomNormalLike", "RandomUniformLike", "Bernoulli");
        rows.Onnx(Random, "RandomNormal", "RandomUniform");
    }

    /// <summary>The part of the input's axes that a Shape node lists (start and end: opset 15).</summary>
    public static (int Start, int End) AxesListed(RuleContext context, int rank)
    {
        var start = context.Int("start", 0);
        var end = context.Int("end", rank);
        return (Inside(start, rank), Math.Max(Inside(start, rank), Inside(end, rank)));
    }

    private static int Inside(long axis, int rank) => (int)Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);

    private static void ShapeOf(RuleContext context)
    {
        Dimension? length = null;
        if (context.ShapeOf(0) is { } x)
        {
            var (start, end) = AxesListed(context, x.Rank);
            length = Dimension.Of(end - start);
        }
        context.Set(0, DataType.Int64, new Shape(length ?? context.Open(0, 0)));
    }

    private static void Constant(RuleContext context)
    {
        foreach (var attribute in context.Node.Attributes)
        {
            var (type, shape) = (attribute.Name, attribute.Value) switch
            {
                ("value", AttributeValue.Tensor tensor) => (tensor.Value.ElementType, tensor.Value.Type.Shape),
                ("value_int", AttributeValue.Int) => (DataType.Int64, Shape.Scalar),
                ("value_float", AttributeValue.Float) => (DataType.Float, Shape.Scalar),
                ("value_string", AttributeValue.Bytes) => (DataType.String, Shape.Scalar),
                ("value_ints", AttributeValue.Ints ints) => (DataType.Int64, Shape.Of(ints.Values.Count)),
                ("value_floats", AttributeValue.Floats floats) => (DataType.Float, Shape.Of(floats.Values.Count)),
                _ => (DataType.Undefined, null),
            };
            if (shape is not null) context.Set(0, type, shape);
        }
    }

    private static void ConstantOfShape(RuleContext context)
    {
        var fill = context.Node.Attributes.Find("value")?.Value as AttributeValue.Tensor;
        context.Set(0, fill?.Value.ElementType ?? DataType.Float, ShapeFrom(context, 0, 0));
    }

    /// <summary>⌈(limit − start) / delta⌉ elements.</summary>
    private static void Range(RuleContext context)
    {
        var length = context.IntegersOf(0)?.Elements is [{ } start] && context.IntegersOf(1)?.Elements is [{ } limit]
            && context.IntegersOf(2)?.Elements is [{ } delta] && delta.Value is not 0
                ? Steps(limit - start, delta)
                : context.Open(0, 0);
        context.Set(0, context.ElementTypeOf(0), new Shape(length));
    }

    private static Dimension Steps(Dimension span, Dimension delta)
    {
        if (delta.Value < 0) (span, delta) = (Dimension.Zero - span, Dimension.Zero - delta);
        var steps = delta.Value == 1 ? span : Dimension.FloorDivide(span + delta - Dimension.One, delta);
        return steps.Value < 0 ? Dimension.Zero : steps;
    }

    private static void OneHot(RuleContext context)
    {
        Shape? shape = null;
        if (context.ShapeOf(0) is { } indices)
        {
            var axis = context.Axis(context.Int("axis", -1), indices.Rank + 1);
            var depth = context.IntegersOf(1)?.Elements is [{ } element] ? element : context.Open(0, axis);
            shape = new Shape([.. indices.Take(axis), depth, .. indices.Skip(axis)]);
        }
        context.Set(0, context.ElementTypeOf(2), shape);
    }

    private static void LikeFirst(RuleContext context) =>
        context.Set(0, context.ElementTypeIn("dtype", context.ElementTypeOf(0)), context.ShapeOf(0));

    private static void Random(RuleContext context)
    {
        if (context.Ints("shape") is not { } sizes || sizes.Any(size => size < 0))
            throw context.Fail("needs a shape of sizes from 0 on.");
        context.Set(0, context.ElementTypeIn("dtype", DataType.Float), Shape.Of(sizes));
    }
}
