using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes.Rules;

namespace OnnxActNN.Rewriter.Shapes.Integers;

/// <summary>Operators that pick, join or rearrange the elements of small integer tensors.</summary>
internal static class MoveRules
{
    public static void AddTo(RuleRows<IntegerRule> rows)
    {
        rows.Onnx(Reshape, "Reshape", "Flatten", "Squeeze", "Unsqueeze");
        rows.Onnx(Expand, "Expand");
        rows.Onnx(Transpose, "Transpose");
        rows.Onnx(Gather, "Gather");
        rows.Onnx(Slice, "Slice");
        rows.Onnx(Concat, "Concat");
        rows.Microsoft(Concat, "ConcatTraining");
        rows.Onnx(Split, "Split");
        rows.Microsoft(Split, "SplitTraining");
    }

    private static IntegerTensor? Reshape(RuleContext context)
    {
        if (context.IntegersOf(0) is not { } x) return null;
        var sizes = IntegerTensor.SizesOf(context.OutputShape(0)!);
        return Count(sizes) == x.Elements.Length ? new IntegerTensor(sizes, x.Elements) : null;
    }

    private static IntegerTensor? Expand(RuleContext context)
    {
        if (context.IntegersOf(0) is not { } x) return null;
        var sizes = IntegerTensor.SizesOf(context.OutputShape(0)!);
        var indices = Enumerable.Range(0, Count(sizes));
        return new IntegerTensor(sizes, [.. indices.Select(index => Elementwise.At(x, sizes, index))]);
    }

    private static IntegerTensor? Transpose(RuleContext context)
    {
        if (context.IntegersOf(0) is not { } x) return null;
        var perm = LayoutRules.Permutation(context, x.Sizes.Count);
        return Gathered(x, [.. perm.Select(axis => x.Sizes[axis])], position =>
        {
            var source = new int[position.Length];
            for (var axis = 0; axis < perm.Length; axis++) source[perm[axis]] = position[axis];
            return source;
        });
    }

    private static IntegerTensor? Gather(RuleContext context)
    {
        if (context.IntegersOf(0) is not { } x || context.IntegersOf(1) is not { } indices) return null;
        var axis = context.Axis(context.Int("axis", 0), x.Sizes.Count);
        var indexRank = indices.Sizes.Count;
        int[] sizes = [.. x.Sizes.Take(axis), .. indices.Sizes, .. x.Sizes.Skip(axis + 1)];
        return Gathered(x, sizes, position =>
        {
            var offset = 0;
            for (var at = 0; at < indexRank; at++) offset = offset * indices.Sizes[at] + position[axis + at];
            if (indices.Elements[offset]?.Value is not { } index) return null;
            if (index < -x.Sizes[axis] || index >= x.Sizes[axis]) throw context.Fail($"index {index} is outside {x}.");
            var picked = (int)(index < 0 ? index + x.Sizes[axis] : index);
            return [.. position.Take(axis), picked, .. position.Skip(axis + indexRank)];
        });
    }

    private static IntegerTensor? Slice(RuleContext context)
    {
        if (context.IntegersOf(0) is not { } x || SliceRules.ReadRanges(context, x.Sizes.Count) is not { } ranges)
            return null;
        var starts = new long[x.Sizes.Count];
        var steps = Enumerable.Repeat(1L, x.Sizes.Count).ToArray();
        foreach (var (axis, start, end, step) in ranges)
        {
            if (start?.Value is null || end?.Value is null) return null;
            starts[axis] = SliceRules.Bound(Dimension.Of(x.Sizes[axis]), start, step, isStart: true).Value ?? 0;
            steps[axis] = step;
        }
        var sizes = IntegerTensor.SizesOf(context.OutputShape(0)!);
        return Gathered(x, sizes, to => [.. to.Select((at, axis) => (int)(starts[axis] + at * steps[axis]))]);
    }

    /// <summary>
    /// Of vectors; parts that depend on data leave unknown elements behind when their length is known.
    /// </summary>
    private static IntegerTensor? Concat(RuleContext context)
    {
        var elements = new List<Dimension?>();
        for (var input = 0; input < context.InputCount; input++)
        {
            if (context.IntegersOf(input) is { Sizes.Count: 1 } part) elements.AddRange(part.Elements);
            else if (context.ShapeOf(input) is { Rank: 1 } shape && IntegerTensor.Fits(shape))
                elements.AddRange(new Dimension?[IntegerTensor.SizesOf(shape)[0]]);
            else return null;
        }
        return elements.TrueForAll(element => element is null) ? null : IntegerTensor.Vector([.. elements]);
    }

    /// <summary>
    /// Of vectors. The one operator here with several outputs: it sets those behind the first itself.
    /// </summary>
    private static IntegerTensor? Split(RuleContext context)
    {
        if (context.IntegersOf(0) is not { Sizes.Count: 1 } x) return null;
        IntegerTensor? first = null;
        var at = 0;
        for (var output = 0; output < context.OutputCount; output++)
        {
            if (!context.MayBeIntegers(output)) return first;
            var length = IntegerTensor.SizesOf(context.OutputShape(output)!)[0];
            if (at + length > x.Elements.Length) return first;
            var part = IntegerTensor.Vector(x.Elements[at..(at + length)]);
            at += length;
            if (output == 0) first = part;
            else context.SetIntegers(output, part);
        }
        return first;
    }

    /// <summary>
    /// A tensor of the given sizes whose element at a position is the element of <paramref name="x"/> at its source.
    /// </summary>
    private static IntegerTensor? Gathered(IntegerTensor x, int[] sizes, Func<int[], int[]?> source)
    {
        var elements = new Dimension?[Count(sizes)];
        var position = new int[sizes.Length];
        for (var index = 0; index < elements.Length; index++)
        {
            for (int axis = sizes.Length - 1, rest = index; axis >= 0; rest /= sizes[axis], axis--)
                position[axis] = rest % sizes[axis];
            if (source(position) is { } from) elements[index] = x.Elements[Offset(x, from)];
        }
        return new IntegerTensor(sizes, elements);
    }

    private static int Offset(IntegerTensor x, int[] position)
    {
        var offset = 0;
        for (var axis = 0; axis < position.Length; axis++) offset = offset * x.Sizes[axis] + position[axis];
        return offset;
    }

    private static int Count(int[] sizes) => sizes.Aggregate(1, (product, size) => product * size);
}
