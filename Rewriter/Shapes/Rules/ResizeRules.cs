using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Resampling to other spatial sizes.</summary>
internal static class ResizeRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(Resize, "Resize");
        rows.Onnx(Upsample, "Upsample");
        rows.Onnx(GridSample, "GridSample");
    }

    /// <summary>
    /// Sizes win over scales; opset 10 has scales as input 1, later ones as input 2 behind the region of interest.
    /// </summary>
    private static void Resize(RuleContext context)
    {
        var type = context.ElementTypeOf(0);
        context.Set(0, type, context.ShapeOf(0) is { } unknown ? context.OpenShape(0, unknown.Rank) : null);
        if (context.ShapeOf(0) is not { } x || context.Text("keep_aspect_ratio_policy", "stretch") != "stretch") return;
        var named = context.Ints("axes")?.Select(axis => context.Axis(axis, x.Rank));
        int[] axes = [.. named ?? Enumerable.Range(0, x.Rank)];
        var scales = ScalesAt(context, context.Opset < 11 ? 1 : 2);
        if (context.IntegersOf(3)?.Elements is { } sizes && sizes.Length == axes.Length)
            SetAxes(context, x, axes, index => sizes[index]);
        else if (scales is not null && scales.Length == axes.Length)
            SetAxes(context, x, axes, index => Scaled(x[axes[index]], scales[index]));
    }

    private static void Upsample(RuleContext context)
    {
        context.Set(0, context.ElementTypeOf(0), null);
        if (context.ShapeOf(0) is not { } x) return;
        var attribute = context.Node.Attributes.Find("scales")?.Value as AttributeValue.Floats;
        var scales = attribute?.Values.Select(scale => (double)scale).ToArray() ?? ScalesAt(context, 1);
        if (scales is not null && scales.Length == x.Rank)
            SetAxes(context, x, [.. Enumerable.Range(0, x.Rank)], axis => Scaled(x[axis], scales[axis]));
    }

    /// <summary>[batch, channels] of the data and the spatial sizes of the grid.</summary>
    private static void GridSample(RuleContext context)
    {
        var shape = context.ShapeOf(0) is { Rank: > 2 } x && context.ShapeOf(1) is { Rank: > 2 } grid
            ? new Shape([x[0], x[1], .. grid.Skip(1).SkipLast(1)])
            : null;
        context.Set(0, context.ElementTypeOf(0), shape);
    }

    /// <summary>The scales when they are constant, or computed as whole numbers.</summary>
    private static double[]? ScalesAt(RuleContext context, int input)
    {
        var constant = context.Node.Input(input) is { IsConstant: true } value ? value.Initializer : null;
        if (constant?.Length <= InferenceState.LargestRank && constant.TryGetFloats() is { } scales) return scales;
        var elements = context.IntegersOf(input)?.Elements;
        return elements is not null && Array.TrueForAll(elements, element => element?.Value is not null)
            ? Array.ConvertAll(elements, element => (double)element!.Value!.Value)
            : null;
    }

    private static void SetAxes(RuleContext context, Shape x, int[] axes, Func<int, Dimension?> size)
    {
        var dimensions = x.ToArray();
        for (var index = 0; index < axes.Length; index++)
            dimensions[axes[index]] = size(index) ?? context.Open(0, axes[index]);
        context.Set(0, context.ElementTypeOf(0), new Shape(dimensions));
    }

    /// <summary>⌊size·scale⌋; of a symbolic size where the scale or its inverse is a whole number.</summary>
    private static Dimension? Scaled(Dimension size, double scale)
    {
        if (scale == 1) return size;
        if (!(scale > 0 && scale < 1 << 20)) return null;
        // Formed in float32, like ONNX Runtime does: a scale rounded to float32 then gives the same size.
        if (size.Value is { } known) return Dimension.Of((long)MathF.Floor(known * (float)scale));
        if (Math.Floor(scale) == scale) return size * Dimension.Of((long)scale);
        var inverse = 1 / scale;
        return Math.Floor(inverse) == inverse ? Dimension.FloorDivide(size, Dimension.Of((long)inverse)) : null;
    }
}
