using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Convolutions, channels first: [batch, channels, spatial...].</summary>
internal static class ConvolutionRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(context => Conv(context, context.ElementTypeOf(0), weight: 1), "Conv");
        rows.Onnx(context => Conv(context, DataType.Int32, weight: 1), "ConvInteger");
        rows.Onnx(context => Conv(context, context.ElementTypeOf(7), weight: 3), "QLinearConv");
        rows.Microsoft(context => Conv(context, context.ElementTypeOf(0), weight: 1), "FusedConv");
        rows.Onnx(ConvTranspose, "ConvTranspose");
    }

    private static void Conv(RuleContext context, DataType type, int weight)
    {
        context.Set(0, type, null);
        if (!TryOperands(context, weight, out var x, out var w)) return;
        var window = SpatialWindow.Read(context, x.Rank - 2, w.Skip(2));
        var spatial = x.Skip(2).Select(window.OutputSize);
        context.Set(0, type, new Shape([x[0], w[0], .. spatial]));
    }

    private static void ConvTranspose(RuleContext context)
    {
        context.Set(0, context.ElementTypeOf(0), null);
        if (!TryOperands(context, 1, out var x, out var w)) return;
        var channels = w[1] * Dimension.Of(context.Int("group", 1));
        var window = SpatialWindow.Read(context, x.Rank - 2, w.Skip(2));
        var given = context.Ints("output_shape");
        var padding = context.Ints("output_padding") is { Count: > 0 } list ? list : new long[x.Rank - 2];
        // Old files count batch and channels in output_shape, too: the spatial sizes are the last ones.
        if (given?.Count < x.Rank - 2 || padding.Count != x.Rank - 2)
            throw context.Fail("output_shape or output_padding has the wrong number of entries.");
        var spatial = given is not null
            ? given.Skip(given.Count - (x.Rank - 2)).Select(Dimension.Of)
            : x.Skip(2).Select((size, axis) => window.TransposedSize(size, axis, padding[axis]));
        context.Set(0, context.ElementTypeOf(0), new Shape([x[0], channels, .. spatial]));
    }

    private static bool TryOperands(RuleContext context, int weight, out Shape x, out Shape w)
    {
        x = context.ShapeOf(0) ?? Shape.Scalar;
        w = context.ShapeOf(weight) ?? Shape.Scalar;
        if (context.ShapeOf(0) is null || context.ShapeOf(weight) is null) return false;
        if (x.Rank < 2 || w.Rank != x.Rank)
            throw context.Fail($"data {x} and weight {w} must have the same rank, at least 2.");
        return true;
    }
}
