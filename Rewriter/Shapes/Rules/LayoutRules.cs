using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Elements moved, repeated, joined or divided.</summary>
internal static class LayoutRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(Transpose, "Transpose");
        rows.Onnx(Expand, "Expand");
        rows.Onnx(Tile, "Tile");
        rows.Onnx(Concat, "Concat");
        rows.Microsoft(ConcatTraining, "ConcatTraining");
        rows.Onnx(Split, "Split");
        rows.Microsoft(Split, "SplitTraining");
        rows.Onnx(Pad, "Pad");
    }

    private static void Transpose(RuleContext context)
    {
        var x = context.ShapeOf(0);
        var shape = x is null ? null : new Shape(Permutation(context, x.Rank).Select(axis => x[axis]));
        context.Set(0, context.ElementTypeOf(0), shape);
    }

    /// <summary>Attribute perm, by default the axes backwards.</summary>
    public static int[] Permutation(RuleContext context, int rank)
    {
        if (context.Ints("perm") is not { } perm) return [.. Enumerable.Range(0, rank).Reverse()];
        if (perm.Count != rank || perm.Distinct().Count() != rank)
            throw context.Fail($"perm is no order of {rank} axes.");
        return [.. perm.Select(axis => context.Axis(axis, rank))];
    }

    private static void Expand(RuleContext context)
    {
        var target = CommonRules.ShapeFrom(context, 1, 0);
        var shape = context.ShapeOf(0) is { } x && target is not null
            ? Broadcasting.Broadcast(context, target, x)
            : null;
        context.Set(0, context.ElementTypeOf(0), shape);
    }

    private static void Tile(RuleContext context)
    {
        var shape = context.ShapeOf(0);
        if (shape is not null && context.IntegersOf(1)?.Elements is { } repeats && repeats.Length == shape.Rank)
            shape = new Shape(shape.Select((size, axis) => repeats[axis] is { } n ? size * n : context.Open(0, axis)));
        else if (shape is not null)
            shape = context.OpenShape(0, shape.Rank);
        context.Set(0, context.ElementTypeOf(0), shape);
    }

    private static void Concat(RuleContext context)
    {
        context.Set(0, context.ElementTypeOf(0), null);
        if (context.ShapeOf(0) is not { } first) return;
        if (first.Rank == 0) throw context.Fail("cannot join scalars.");
        var axis = context.Axis(context.Int("axis", context.Opset < 4 ? 1 : 0), first.Rank);
        var dimensions = first.ToArray();
        for (var input = 1; input < context.InputCount; input++)
        {
            if (context.ShapeOf(input) is not { } shape)
            {
                dimensions[axis] = context.Open(0, axis);
                break;
            }
            if (shape.Rank != first.Rank) throw context.Fail($"joins {first} and {shape}.");
            dimensions[axis] += shape[axis];
            Settle(context, dimensions, shape, axis);
        }
        context.Set(0, context.ElementTypeOf(0), new Shape(dimensions));
    }

    /// <summary>Off the axis all sizes are equal, so the best known one holds.</summary>
    private static void Settle(RuleContext context, Dimension[] dimensions, Shape shape, int axis)
    {
        for (var other = 0; other < dimensions.Length; other++)
        {
            if (other == axis) continue;
            if (dimensions[other].Value is { } seen && shape[other].Value is { } size && seen != size)
                throw context.Fail($"sizes {seen} and {size} of axis {other} differ.");
            if (shape[other].IsKnown || (context.IsOpen(dimensions[other]) && !context.IsOpen(shape[other])))
                dimensions[other] = shape[other];
        }
    }

    /// <summary>Concat that also tells the length of each part.</summary>
    private static void ConcatTraining(RuleContext context)
    {
        Concat(context);
        context.Set(1, DataType.Int64, Shape.Of(context.InputCount));
        if (context.ShapeOf(0) is not { } first || !IntegerTensor.Fits(Shape.Of(context.InputCount))) return;
        var axis = context.Axis(context.Int("axis", 0), first.Rank);
        var lengths = Enumerable.Range(0, context.InputCount).Select(input => context.ShapeOf(input)?[axis]);
        context.SetIntegers(1, IntegerTensor.Vector([.. lengths]));
    }

    private static void Split(RuleContext context)
    {
        var type = context.ElementTypeOf(0);
        if (context.ShapeOf(0) is not { } x)
        {
            for (var output = 0; output < context.OutputCount; output++) context.Set(output, type, null);
            return;
        }
        var axis = context.Axis(context.Int("axis", 0), x.Rank);
        var sizes = context.List("split", input: 1, out var isGiven);
        if (sizes is not null && sizes.Length != context.OutputCount)
            throw context.Fail($"splits into {sizes.Length} parts, but has {context.OutputCount} outputs.");
        for (var output = 0; output < context.OutputCount; output++)
        {
            var size = sizes?[output] ?? (isGiven ? null : EvenPart(context, x[axis], output));
            context.Set(output, type, x.With(axis, size ?? context.Open(output, axis)));
        }
    }

    /// <summary>Without sizes the parts are equal; only the last may be shorter (num_outputs, opset 18).</summary>
    private static Dimension? EvenPart(RuleContext context, Dimension size, int output)
    {
        var parts = Dimension.Of(context.Int("num_outputs", context.OutputCount));
        if (parts.Value < 1) throw context.Fail("splits into no parts.");
        if (size.TryDivide(parts) is { } exact) return exact;
        var part = Dimension.FloorDivide(size + parts - Dimension.One, parts);
        return output < context.OutputCount - 1 ? part : size - part * (parts - Dimension.One);
    }

    private static void Pad(RuleContext context)
    {
        var type = context.ElementTypeOf(0);
        var x = context.ShapeOf(0);
        context.Set(0, type, x is null ? null : context.OpenShape(0, x.Rank));
        if (x is null || context.List("pads", input: 1, out _) is not { } pads) return;
        var axes = context.HasInput(3) ? context.Numbers("axes", input: 3, out _) : [.. Enumerable.Range(0, x.Rank)];
        if (axes is null) return;
        if (pads.Length != 2 * axes.Length) throw context.Fail($"has {pads.Length} pads for {axes.Length} axes.");
        var dimensions = x.ToArray();
        for (var index = 0; index < axes.Length; index++)
        {
            var axis = context.Axis(axes[index], x.Rank);
            dimensions[axis] = pads[index] is { } before && pads[index + axes.Length] is { } after
                ? dimensions[axis] + before + after
                : context.Open(0, axis);
        }
        context.Set(0, type, new Shape(dimensions));
    }
}
