using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Pooling over windows or over all spatial axes.</summary>
internal static class PoolingRules
{
    private static readonly OperatorId MaxPool = OperatorId.Onnx("MaxPool");

    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(Pool, "MaxPool", "AveragePool", "LpPool");
        rows.Onnx(Global, "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool");
        rows.Onnx(MaxPoolGrad, "MaxPoolGrad");
        rows.Onnx(AveragePoolGrad, "AveragePoolGrad");
    }

    /// <summary>The pooled tensor and, for MaxPool, the int64 index of each maximum in the flattened input.</summary>
    private static void Pool(RuleContext context)
    {
        var shape = Pooled(context);
        context.Set(0, context.ElementTypeOf(0), shape);
        if (shape is not null) context.Set(1, DataType.Int64, shape);
    }

    /// <summary>What the node's window makes of its first input's shape; null where that is not known.</summary>
    internal static Shape? Pooled(RuleContext context)
    {
        if (context.ShapeOf(0) is not { } x) return null;
        if (x.Rank < 2) throw context.Fail($"needs at least rank 2, not {x}.");
        var window = SpatialWindow.Read(context, x.Rank - 2);
        return new Shape([x[0], x[1], .. x.Skip(2).Select(window.OutputSize)]);
    }

    private static void Global(RuleContext context)
    {
        var shape = context.ShapeOf(0) is { Rank: >= 2 } x
            ? new Shape([x[0], x[1], .. x.Skip(2).Select(_ => Dimension.One)])
            : null;
        context.Set(0, context.ElementTypeOf(0), shape);
    }

    /// <summary>
    /// The window alone does not tell the size of the pooled tensor (strides cut off a rest), but the MaxPool that made
    /// the indices does.
    /// </summary>
    private static void MaxPoolGrad(RuleContext context)
    {
        var pool = context.Node.Input(1)?.Producer;
        var pooled = pool?.Operator == MaxPool ? pool.Input(0) : null;
        if (pooled is not null && context.TypeOf(pooled)?.Shape is { } shape)
            context.Set(0, context.ElementTypeOf(0), shape);
        else AveragePoolGrad(context);
    }

    /// <summary>Batch and channels; the spatial sizes stay open where nothing declares them.</summary>
    private static void AveragePoolGrad(RuleContext context)
    {
        var shape = context.ShapeOf(0) is { Rank: >= 2 } gradient
            ? new Shape([gradient[0], gradient[1], .. gradient.Skip(2).Select((_, axis) => context.Open(0, axis + 2))])
            : null;
        context.Set(0, context.ElementTypeOf(0), shape);
    }
}
