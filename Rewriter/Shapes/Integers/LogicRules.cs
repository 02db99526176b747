using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Integers;

/// <summary>Comparisons and choices; bools are 0 and 1.</summary>
internal static class LogicRules
{
    public static void AddTo(RuleRows<IntegerRule> rows)
    {
        rows.Onnx(Elementwise.Fold((a, b) => Bool(AreEqual(a, b))), "Equal");
        rows.Onnx(Elementwise.Fold((a, b) => Bool(IsGreater(a, b))), "Greater");
        rows.Onnx(Elementwise.Fold((a, b) => Bool(IsGreater(b, a))), "Less");
        rows.Onnx(Elementwise.Fold((a, b) => Bool(!IsGreater(b, a))), "GreaterOrEqual");
        rows.Onnx(Elementwise.Fold((a, b) => Bool(!IsGreater(a, b))), "LessOrEqual");
        rows.Onnx(Elementwise.Fold((a, b) => a * b), "And");
        rows.Onnx(Elementwise.Fold(Dimension.Max), "Or");
        rows.Onnx(Elementwise.Unary(x => Dimension.One - x), "Not");
        rows.Onnx(Where, "Where");
    }

    private static IntegerTensor? Where(RuleContext context)
    {
        if (context.IntegersOf(0) is not { } condition) return null;
        if (context.IntegersOf(1) is not { } x || context.IntegersOf(2) is not { } y) return null;
        var sizes = IntegerTensor.SizesOf(context.OutputShape(0)!);
        var elements = new Dimension?[sizes.Aggregate(1, (product, size) => product * size)];
        for (var index = 0; index < elements.Length; index++)
        {
            var (whenTrue, whenFalse) = (Elementwise.At(x, sizes, index), Elementwise.At(y, sizes, index));
            elements[index] = Elementwise.At(condition, sizes, index)?.Value switch
            {
                null => Equals(whenTrue, whenFalse) ? whenTrue : null,
                0 => whenFalse,
                _ => whenTrue,
            };
        }
        return new IntegerTensor(sizes, elements);
    }

    /// <summary>Null where the sizes decide.</summary>
    private static bool? AreEqual(Dimension a, Dimension b)
    {
        if ((a - b).Value is { } difference) return difference == 0;
        return IsPositive(a - b) || IsPositive(b - a) ? false : null;
    }

    private static bool? IsGreater(Dimension a, Dimension b)
    {
        if (a.Value is { } x && b.Value is { } y) return x > y;
        if (IsPositive(a - b)) return true;
        return (b - a).IsNonNegative ? false : null;
    }

    private static bool IsPositive(Dimension difference) => (difference - Dimension.One).IsNonNegative;

    private static Dimension? Bool(bool? value) => value switch
    {
        null => null,
        true => Dimension.One,
        false => Dimension.Zero,
    };
}
