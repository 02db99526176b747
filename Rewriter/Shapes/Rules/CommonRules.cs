using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Rules that many families share.</summary>
internal static class CommonRules
{
    /// <summary>Output 0 has the type of input 0.</summary>
    public static void SameAsFirst(RuleContext context) => context.Copy(0, 0);

    /// <summary>
    /// Output 0 has the shape of the first of these inputs that has no placeholder in it, and its element type.
    /// </summary>
    public static ShapeRule SameAs(params int[] inputs) => context => Like(context, output: 0, inputs);

    /// <summary>Output k has the type of input k plus <paramref name="offset"/>.</summary>
    public static ShapeRule EachSameAs(int offset) => context =>
    {
        for (var output = 0; output < context.OutputCount; output++) context.Copy(output, output + offset);
    };

    /// <summary>Output 0 is a bool tensor of the shape of input 0.</summary>
    public static void BoolLikeFirst(RuleContext context) => context.Set(0, DataType.Bool, context.ShapeOf(0));

    /// <summary>Output 0 is a scalar of the element type of input 0.</summary>
    public static void ScalarLikeFirst(RuleContext context) => context.Set(0, context.ElementTypeOf(0), Shape.Scalar);

    /// <summary>Gives <paramref name="output"/> the best-known shape among inputs that must agree.</summary>
    public static void Like(RuleContext context, int output, params ReadOnlySpan<int> inputs)
    {
        Shape? best = null;
        foreach (var input in inputs)
        {
            if (context.ShapeOf(input) is not { } shape || (best is not null && !context.IsOpen(best))) continue;
            if (best is null || !context.IsOpen(shape)) best = shape;
        }
        context.Set(output, context.ElementTypeOf(inputs[0]), best);
    }

    /// <summary>
    /// The shape whose dimensions an integer input lists; only the rank where the elements depend on data.
    /// </summary>
    public static Shape? ShapeFrom(RuleContext context, int input, int output)
    {
        if (context.IntegersOf(input) is { Sizes.Count: 1 } target)
        {
            if (target.Elements.Any(size => size?.Value < 0))
                throw context.Fail($"the shape {target} has a negative size.");
            return new Shape(target.Elements.Select((size, axis) => size ?? context.Open(output, axis)));
        }
        return context.ShapeOf(input) is { Rank: 1 } shape && shape[0].Value is { } rank
            ? context.OpenShape(output, rank)
            : null;
    }
}
