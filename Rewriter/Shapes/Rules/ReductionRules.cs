using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Shapes.Rules.CommonRules;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Reductions over axes.</summary>
internal static class ReductionRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(
            Reduce,
            "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin",
            "ReduceProd", "ReduceSum", "ReduceSumSquare");
        rows.Microsoft(Reduce, "ReduceSumTraining");
        rows.Onnx(ArgMax, "ArgMax", "ArgMin");
        rows.Microsoft(ScalarLikeFirst, "ReduceAllL2");
    }

    private static void Reduce(RuleContext context)
    {
        var type = context.ElementTypeOf(0);
        if (context.ShapeOf(0) is not { } x)
        {
            context.Set(0, type, null);
            return;
        }
        var keep = context.Int("keepdims", 1) != 0;
        var axes = context.Numbers("axes", input: 1, out var isGiven);
        var isEmpty = !isGiven || axes is { Length: 0 } || HasNoAxes(context);
        if (isEmpty && context.Int("noop_with_empty_axes", 0) != 0) context.Copy(0, 0);
        else if (isEmpty) context.Set(0, type, keep ? new Shape(x.Select(_ => Dimension.One)) : Shape.Scalar);
        else if (axes is not null) context.Set(0, type, Without(context, x, axes, keep));
        else context.Set(0, type, UnknownAxes(context, x, keep));
    }

    /// <summary>Axes that depend on data: with keepdims the rank is known, without it where their number is.</summary>
    private static Shape? UnknownAxes(RuleContext context, Shape x, bool keep)
    {
        if (keep) return context.OpenShape(0, x.Rank);
        return context.ShapeOf(1) is { Rank: 1 } list && list[0].Value is { } count
            ? context.OpenShape(0, x.Rank - count)
            : null;
    }

    private static bool HasNoAxes(RuleContext context) => context.ShapeOf(1) is { Rank: 1 } list && list[0].Value == 0;

    private static void ArgMax(RuleContext context)
    {
        var shape = context.ShapeOf(0) is { } x
            ? Without(context, x, [context.Int("axis", 0)], context.Int("keepdims", 1) != 0)
            : null;
        context.Set(0, DataType.Int64, shape);
    }

    private static Shape Without(RuleContext context, Shape x, long[] axes, bool keep)
    {
        var reduced = new bool[x.Rank];
        foreach (var axis in axes) reduced[context.Axis(axis, x.Rank)] = true;
        return keep
            ? new Shape(x.Select((dimension, axis) => reduced[axis] ? Dimension.One : dimension))
            : new Shape(x.Where((_, axis) => !reduced[axis]));
    }
}
