using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Shapes.Rules.CommonRules;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Elements picked by index or condition.</summary>
internal static class IndexingRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(Gather, "Gather");
        rows.Onnx(GatherElements, "GatherElements");
        rows.Onnx(GatherND, "GatherND");
        rows.Microsoft(GatherND, "GatherND");
        rows.Onnx(SameAsFirst, "ScatterND", "ScatterElements", "Scatter", "TensorScatter");
        rows.Onnx(TopK, "TopK");
        rows.Onnx(NonZero, "NonZero");
        rows.Onnx(Compress, "Compress");
        rows.Onnx(NonMaxSuppression, "NonMaxSuppression");
        rows.Add("org.pytorch.aten", ATen, "ATen");
    }

    private static void Gather(RuleContext context)
    {
        var shape = context.ShapeOf(0) is { } x && context.ShapeOf(1) is { } indices
            ? Gathered(context, x, indices)
            : null;
        context.Set(0, context.ElementTypeOf(0), shape);
    }

    private static Shape Gathered(RuleContext context, Shape x, Shape indices)
    {
        var axis = context.Axis(context.Int("axis", 0), x.Rank);
        return new Shape([.. x.Take(axis), .. indices, .. x.Skip(axis + 1)]);
    }

    private static void GatherElements(RuleContext context) =>
        context.Set(0, context.ElementTypeOf(0), context.ShapeOf(1));

    private static void GatherND(RuleContext context)
    {
        context.Set(0, context.ElementTypeOf(0), null);
        if (context.ShapeOf(0) is not { } x || context.ShapeOf(1) is not { Rank: > 0 } indices) return;
        if (indices[indices.Rank - 1].Value is not { } depth) return;
        var skipped = context.Int("batch_dims", 0) + depth;
        if (depth < 1 || skipped > x.Rank || skipped < depth)
            throw context.Fail($"indices {indices} reach deeper than {x}.");
        context.Set(0, context.ElementTypeOf(0), new Shape([.. indices.SkipLast(1), .. x.Skip((int)skipped)]));
    }

    /// <summary>Values and their int64 indices.</summary>
    private static void TopK(RuleContext context)
    {
        Shape? shape = null;
        if (context.ShapeOf(0) is { } x)
        {
            var axis = context.Axis(context.Int("axis", -1), x.Rank);
            var k = context.Opset < 10
                ? Dimension.Of(context.Int("k", 1))
                : context.IntegersOf(1)?.Elements is [{ } element] ? element : null;
            shape = x.With(axis, k ?? context.Open(0, axis));
        }
        context.Set(0, context.ElementTypeOf(0), shape);
        context.Set(1, DataType.Int64, shape);
    }

    private static void NonZero(RuleContext context)
    {
        var shape = context.ShapeOf(0) is { } x ? new Shape(Dimension.Of(x.Rank), context.Open(0, 1)) : null;
        context.Set(0, DataType.Int64, shape);
    }

    /// <summary>One row of batch, class and box per box that is left.</summary>
    private static void NonMaxSuppression(RuleContext context) =>
        context.Set(0, DataType.Int64, new Shape(context.Open(0, 0), Dimension.Of(3)));

    private static void Compress(RuleContext context)
    {
        var shape = context.Node.Attributes.Find("axis") is null ? new Shape(context.Open(0, 0)) : context.ShapeOf(0);
        if (shape is not null && context.Node.Attributes.Find("axis") is not null)
        {
            var axis = context.Axis(context.Int("axis", 0), shape.Rank);
            shape = shape.With(axis, context.Open(0, axis));
        }
        context.Set(0, context.ElementTypeOf(0), shape);
    }

    /// <summary>PyTorch's own operators as ORTModule keeps them; of these only the embedding is understood.</summary>
    private static void ATen(RuleContext context)
    {
        if (context.Text("operator", "") is not ("embedding" or "aten::embedding")) return;
        var shape = context.ShapeOf(0) is { Rank: 2 } weight && context.ShapeOf(1) is { } indices
            ? new Shape([.. indices, weight[1]])
            : null;
        context.Set(0, context.ElementTypeOf(0), shape);
    }
}
