using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Shapes.Rules.CommonRules;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>The same elements under other dimensions.</summary>
internal static class ReshapeRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(Reshape, "Reshape");
        rows.Onnx(Flatten, "Flatten");
        rows.Onnx(Squeeze, "Squeeze");
        rows.Onnx(Unsqueeze, "Unsqueeze");
        rows.Onnx(DepthToSpace, "DepthToSpace");
        rows.Onnx(SpaceToDepth, "SpaceToDepth");
        rows.Microsoft(View, "View");
    }

    private static void Reshape(RuleContext context)
    {
        var target = context.List("shape", input: 1, out _);
        var type = context.ElementTypeOf(0);
        context.Set(0, type, target is null ? ShapeFrom(context, 1, 0) : Reshaped(context, context.ShapeOf(0), target));
    }

    /// <summary>
    /// 0 copies the input's size (unless allowzero), −1 is what is left, everything else is taken as it is.
    /// </summary>
    private static Shape Reshaped(RuleContext context, Shape? x, Dimension?[] target)
    {
        var allowZero = context.Int("allowzero", 0) != 0;
        var dimensions = new Dimension?[target.Length];
        var free = -1;
        for (var axis = 0; axis < target.Length; axis++)
        {
            var size = target[axis];
            if (size?.Value == -1)
            {
                if (free >= 0) throw context.Fail("the target shape has two entries of -1.");
                free = axis;
            }
            else if (size?.Value < -1) throw context.Fail($"the target shape has a size of {size}.");
            else if (size?.Value == 0 && !allowZero) dimensions[axis] = Copied(context, x, axis);
            else dimensions[axis] = size;
        }
        if (free >= 0 && x is not null) dimensions[free] = Left(x, dimensions.Where((_, axis) => axis != free));
        var shape = new Shape(dimensions.Select((dimension, axis) => dimension ?? context.Open(0, axis)));
        CheckElements(context, x, shape);
        return shape;
    }

    private static Dimension? Copied(RuleContext context, Shape? x, int axis)
    {
        if (x is null) return null;
        return axis < x.Rank ? x[axis] : throw context.Fail($"copies axis {axis} of {x}, which has none.");
    }

    /// <summary>
    /// Elements of <paramref name="x"/> per element of the other dimensions. What stands on both sides is cancelled
    /// first.
    /// </summary>
    private static Dimension? Left(Shape x, IEnumerable<Dimension?> others)
    {
        var numerator = x.ToList();
        var denominator = Dimension.One;
        foreach (var other in others)
        {
            if (other is null) return null;
            if (!numerator.Remove(other)) denominator *= other;
        }
        var product = new Shape(numerator).Elements;
        return denominator.Value == 0 ? null : Dimension.FloorDivide(product, denominator);
    }

    private static void CheckElements(RuleContext context, Shape? x, Shape shape)
    {
        if (x is not { IsStatic: true } || !shape.IsStatic || !HasFewElements(x) || !HasFewElements(shape)) return;
        if (!x.Elements.Equals(shape.Elements))
            throw context.Fail($"{x} and {shape} have different numbers of elements.");
    }

    /// <summary>Whether the product of known sizes cannot wrap around.</summary>
    private static bool HasFewElements(Shape shape)
    {
        var elements = 1.0;
        foreach (var dimension in shape) elements *= dimension.Value ?? 1;
        return elements < 1L << 53;
    }

    private static void Flatten(RuleContext context)
    {
        var type = context.ElementTypeOf(0);
        if (context.ShapeOf(0) is not { } x)
        {
            context.Set(0, type, context.OpenShape(0, 2));
            return;
        }
        var axis = context.Int("axis", 1);
        var split = axis == x.Rank ? x.Rank : axis == 1 && x.Rank == 0 ? 0 : context.Axis(axis, x.Rank);
        context.Set(0, type, new Shape(new Shape(x.Take(split)).Elements, new Shape(x.Skip(split)).Elements));
    }

    private static void Squeeze(RuleContext context)
    {
        var type = context.ElementTypeOf(0);
        context.Set(0, type, null);
        var axes = context.Numbers("axes", input: 1, out var isGiven);
        if (context.ShapeOf(0) is not { } x || (isGiven && axes is null)) return;
        if (axes is null)
        {
            // Every axis of size 1 goes; that can be told only when all sizes are known.
            if (x.IsStatic) context.Set(0, type, new Shape(x.Where(dimension => dimension.Value != 1)));
            return;
        }
        var removed = axes.Select(axis => context.Axis(axis, x.Rank)).ToHashSet();
        foreach (var axis in removed)
        {
            if (x[axis].Value is { } size && size != 1)
                throw context.Fail($"cannot drop axis {axis} of {x}: its size is not 1.");
        }
        context.Set(0, type, new Shape(x.Where((_, axis) => !removed.Contains(axis))));
    }

    private static void Unsqueeze(RuleContext context)
    {
        var type = context.ElementTypeOf(0);
        context.Set(0, type, null);
        if (context.ShapeOf(0) is not { } x || context.Numbers("axes", input: 1, out _) is not { } axes) return;
        var rank = x.Rank + axes.Length;
        var added = axes.Select(axis => context.Axis(axis, rank)).ToHashSet();
        if (added.Count != axes.Length) throw context.Fail("names an axis twice.");
        var old = x.GetEnumerator();
        var dimensions = new List<Dimension>(rank);
        for (var axis = 0; axis < rank; axis++)
        {
            if (added.Contains(axis)) dimensions.Add(Dimension.One);
            else if (old.MoveNext()) dimensions.Add(old.Current);
        }
        context.Set(0, type, new Shape(dimensions));
    }

    private static void DepthToSpace(RuleContext context) => MoveBlocks(context, (x, block) => new Shape(
        x[0], Dimension.FloorDivide(x[1], block * block), x[2] * block, x[3] * block));

    private static void SpaceToDepth(RuleContext context) => MoveBlocks(context, (x, block) => new Shape(
        x[0], x[1] * block * block, Dimension.FloorDivide(x[2], block), Dimension.FloorDivide(x[3], block)));

    private static void MoveBlocks(RuleContext context, Func<Shape, Dimension, Shape> move)
    {
        var block = context.Int("blocksize", 1);
        if (block < 1) throw context.Fail($"has a block size of {block}.");
        var shape = context.ShapeOf(0) is { Rank: 4 } x ? move(x, Dimension.Of(block)) : null;
        context.Set(0, context.ElementTypeOf(0), shape);
    }

    /// <summary>Output k is a slice of the buffer under the shape that input k + 1 lists.</summary>
    private static void View(RuleContext context)
    {
        for (var output = 0; output < context.OutputCount; output++)
            context.Set(output, context.ElementTypeOf(0), ShapeFrom(context, output + 1, output));
    }
}
