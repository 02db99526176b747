using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Slice: starts, ends, axes and steps as attributes (before opset 10) or inputs.</summary>
internal static class SliceRules
{
    /// <summary>Exporters write the largest numbers of 32 or 64 bits for "to the end".</summary>
    private const long Far = int.MaxValue - 1;

    public static void AddTo(RuleRows<ShapeRule> rows) => rows.Onnx(Slice, "Slice");

    private static void Slice(RuleContext context)
    {
        var type = context.ElementTypeOf(0);
        var x = context.ShapeOf(0);
        context.Set(0, type, x is null ? null : context.OpenShape(0, x.Rank));
        if (x is null || ReadRanges(context, x.Rank) is not { } ranges) return;
        var dimensions = x.ToArray();
        foreach (var (axis, start, end, step) in ranges)
        {
            dimensions[axis] = start is null || end is null ? context.Open(0, axis) : Length(x[axis], start, end, step);
        }
        context.Set(0, type, new Shape(dimensions));
    }

    /// <summary>
    /// One row per sliced axis; null where axes or steps depend on data. Bounds that depend on data are null.
    /// </summary>
    public static List<(int Axis, Dimension? Start, Dimension? End, long Step)>? ReadRanges(
        RuleContext context, int rank)
    {
        var starts = context.List("starts", input: 1, out _);
        var ends = context.List("ends", input: 2, out _);
        var axes = context.Numbers("axes", input: 3, out var hasAxes);
        var steps = context.Numbers("steps", input: 4, out var hasSteps);
        var count = starts?.Length ?? ends?.Length ?? axes?.Length;
        if (count is null || (hasAxes && axes is null) || (hasSteps && steps is null)) return null;
        int?[] lengths = [starts?.Length, ends?.Length, axes?.Length, steps?.Length];
        if (lengths.Any(length => (length ?? count) != count))
            throw context.Fail("starts, ends, axes and steps differ in length.");
        var ranges = new List<(int, Dimension?, Dimension?, long)>();
        for (var index = 0; index < count; index++)
        {
            var step = steps?[index] ?? 1;
            if (step is 0 or long.MinValue) throw context.Fail($"has a step of {step}.");
            ranges.Add((context.Axis(axes?[index] ?? index, rank), starts?[index], ends?[index], step));
        }
        return ranges;
    }

    /// <summary>Number of elements the slice takes of an axis.</summary>
    public static Dimension Length(Dimension size, Dimension start, Dimension end, long step)
    {
        var from = Bound(size, start, step, isStart: true);
        var to = Bound(size, end, step, isStart: false);
        var span = step > 0 ? to - from : from - to;
        var stride = Math.Abs(step);
        var length = stride == 1 ? span : Dimension.FloorDivide(span + Dimension.Of(stride - 1), Dimension.Of(stride));
        return length.Value < 0 ? Dimension.Zero : length;
    }

    /// <summary>
    /// A bound counted from the front and held inside the axis: 0..size forwards, −1..size − 1 backwards. A symbolic
    /// bound counts from the front; a start is taken to lie inside an axis of symbolic size.
    /// </summary>
    public static Dimension Bound(Dimension size, Dimension bound, long step, bool isStart)
    {
        var lowest = step > 0 ? Dimension.Zero : Dimension.Of(-1);
        var highest = step > 0 ? size : size - Dimension.One;
        if (bound.Value >= Far) return highest;
        if (bound.Value <= -Far) return isStart && step < 0 ? Dimension.Of(-1) : lowest;
        var counted = bound.Value < 0 ? size + bound : bound;
        if (counted.Value is { } n && highest.Value is { } top)
            return Dimension.Of(Math.Clamp(n, lowest.Value!.Value, Math.Max(top, lowest.Value.Value)));
        if ((highest - counted).IsNonNegative) return counted;
        if ((counted - highest).IsNonNegative) return highest;
        return isStart || bound.Value < 0 ? counted : Dimension.Min(counted, highest);
    }
}
