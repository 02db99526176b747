using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Integers;

/// <summary>Applies a function to each element of small integer tensors, with broadcasting.</summary>
internal static class Elementwise
{
    /// <summary>A rule for one operand; elements that depend on data stay unknown.</summary>
    public static IntegerRule Unary(Func<Dimension, Dimension?> function) => context =>
        context.IntegersOf(0) is { } x
            ? new IntegerTensor(x.Sizes, Array.ConvertAll(x.Elements, size => size is null ? null : function(size)))
            : null;

    /// <summary>A rule for two or more operands, folded from the left.</summary>
    public static IntegerRule Fold(Func<Dimension, Dimension, Dimension?> function) => context =>
    {
        var result = context.IntegersOf(0);
        for (var input = 1; input < context.InputCount && result is not null; input++)
        {
            result = context.IntegersOf(input) is { } operand
                ? Combine(result, operand, (a, b) => a is null || b is null ? null : function(a, b))
                : null;
        }
        return result;
    };

    /// <summary>Both operands, element by element; null when the result would be too long.</summary>
    public static IntegerTensor? Combine(
        IntegerTensor left, IntegerTensor right, Func<Dimension?, Dimension?, Dimension?> function)
    {
        var rank = Math.Max(left.Sizes.Count, right.Sizes.Count);
        var sizes = new int[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            var (l, r) = (SizeAt(left, axis, rank), SizeAt(right, axis, rank));
            if (l != r && l != 1 && r != 1) return null;
            sizes[axis] = l == 1 ? r : l;
        }
        var count = sizes.Aggregate(1L, (product, size) => product * size);
        if (count > IntegerTensor.MostElements) return null;
        var elements = new Dimension?[count];
        for (var index = 0; index < count; index++)
            elements[index] = function(At(left, sizes, index), At(right, sizes, index));
        return new IntegerTensor(sizes, elements);
    }

    /// <summary>The operand's element under element <paramref name="index"/> of a result of these sizes.</summary>
    public static Dimension? At(IntegerTensor operand, int[] sizes, int index)
    {
        if (operand.Elements.Length == 1) return operand.Elements[0];
        int offset = 0, stride = 1;
        for (var axis = sizes.Length - 1; axis >= 0; axis--)
        {
            var position = index % sizes[axis];
            index /= sizes[axis];
            var size = SizeAt(operand, axis, sizes.Length);
            if (size != 1) offset += position * stride;
            stride *= size;
        }
        return operand.Elements[offset];
    }

    private static int SizeAt(IntegerTensor tensor, int axis, int rank)
    {
        var own = axis - rank + tensor.Sizes.Count;
        return own < 0 ? 1 : tensor.Sizes[own];
    }
}
