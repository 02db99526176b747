using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Matrix products.</summary>
internal static class MatMulRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(Gemm, "Gemm");
        rows.Onnx(context => MatMul(context, context.ElementTypeOf(0)), "MatMul");
        rows.Onnx(context => MatMul(context, DataType.Int32), "MatMulInteger");
        rows.Microsoft(FusedMatMul, "FusedMatMul", "TransposeMatMul");
        rows.Microsoft(MatMulNBits, "MatMulNBits", "MatMulBnb4");
        rows.Onnx(Einsum, "Einsum");
    }

    private static void Gemm(RuleContext context)
    {
        if (context.ShapeOf(0) is not { } a || context.ShapeOf(1) is not { } b)
        {
            context.Set(0, context.ElementTypeOf(0), context.OpenShape(0, 2));
            return;
        }
        if (a.Rank != 2 || b.Rank != 2) throw context.Fail($"needs two matrices, not {a} and {b}.");
        var transA = context.Int("transA", 0) != 0;
        var transB = context.Int("transB", 0) != 0;
        CheckInner(context, transA ? a[0] : a[1], transB ? b[1] : b[0]);
        context.Set(0, context.ElementTypeOf(0), new Shape(transA ? a[1] : a[0], transB ? b[0] : b[1]));
    }

    private static void MatMul(RuleContext context, DataType type) =>
        context.Set(0, type, Product(context, context.ShapeOf(0), context.ShapeOf(1)));

    /// <summary>MatMul of operands whose last two, or first (batch) axes are taken in another order.</summary>
    private static void FusedMatMul(RuleContext context)
    {
        var a = Transposed(context, context.ShapeOf(0), "transA", "transBatchA");
        var b = Transposed(context, context.ShapeOf(1), "transB", "transBatchB");
        context.Set(0, context.ElementTypeOf(0), Product(context, a, b));
    }

    private static Shape? Transposed(RuleContext context, Shape? shape, string trans, string transBatch)
    {
        if (shape is not { Rank: >= 2 }) return shape;
        var dimensions = shape.ToList();
        if (context.Int(transBatch, 0) != 0)
        {
            // [d0, d1, ..., m, n] stands for batches d1..m of matrices d0 x n.
            var first = dimensions[0];
            dimensions.RemoveAt(0);
            dimensions.Insert(dimensions.Count - 1, first);
        }
        if (context.Int(trans, 0) != 0) (dimensions[^1], dimensions[^2]) = (dimensions[^2], dimensions[^1]);
        return new Shape(dimensions);
    }

    private static Shape? Product(RuleContext context, Shape? a, Shape? b)
    {
        if (a is null || b is null) return null;
        if (a.Rank == 0 || b.Rank == 0) throw context.Fail("cannot multiply a scalar; use Mul.");
        CheckInner(context, a[a.Rank - 1], b[Math.Max(0, b.Rank - 2)]);
        var batch = Broadcasting.Broadcast(context, new Shape(a.SkipLast(2)), new Shape(b.SkipLast(2)));
        IEnumerable<Dimension> rows = a.Rank > 1 ? [a[a.Rank - 2]] : [];
        IEnumerable<Dimension> columns = b.Rank > 1 ? [b[b.Rank - 1]] : [];
        return new Shape([.. batch, .. rows, .. columns]);
    }

    private static void CheckInner(RuleContext context, Dimension a, Dimension b)
    {
        if (a.Value is { } left && b.Value is { } right && left != right)
            throw context.Fail($"inner sizes {left} and {right} differ.");
    }

    /// <summary>Weights are packed; their sizes K and N are attributes.</summary>
    private static void MatMulNBits(RuleContext context)
    {
        var shape = context.ShapeOf(0) is { Rank: > 0 } a
            ? a.With(a.Rank - 1, Dimension.Of(context.Int("N", 0)))
            : null;
        context.Set(0, context.ElementTypeOf(0), shape);
    }

    /// <summary>
    /// One letter per axis (<c>bhid,bhjd->bhij</c>); equations with an ellipsis are left to the declared type.
    /// </summary>
    private static void Einsum(RuleContext context)
    {
        var equation = context.Text("equation", "").Replace(" ", "", StringComparison.Ordinal);
        context.Set(0, context.ElementTypeOf(0), null);
        if (equation.Contains("...", StringComparison.Ordinal)) return;
        var sides = equation.Split("->");
        var terms = sides[0].Split(',');
        if (terms.Length != context.InputCount)
            throw context.Fail($"equation '{equation}' has not one term per input.");
        var sizes = new SortedDictionary<char, Dimension>();
        for (var input = 0; input < terms.Length; input++)
        {
            if (context.ShapeOf(input) is not { } shape) return;
            if (shape.Rank != terms[input].Length) throw context.Fail($"term '{terms[input]}' does not fit {shape}.");
            for (var axis = 0; axis < shape.Rank; axis++)
            {
                var letter = terms[input][axis];
                if (!sizes.TryGetValue(letter, out var seen) || seen.Value == 1) sizes[letter] = shape[axis];
            }
        }
        var output = sides.Length > 1 ? sides[1] : ImplicitOutput(terms, sizes.Keys);
        if (output.All(sizes.ContainsKey))
            context.Set(0, context.ElementTypeOf(0), new Shape(output.Select(letter => sizes[letter])));
    }

    /// <summary>Without an arrow: the letters that stand once, in alphabetical order.</summary>
    private static string ImplicitOutput(string[] terms, IEnumerable<char> letters) =>
        string.Concat(letters.Where(letter => terms.Sum(term => term.Count(other => other == letter)) == 1));
}
