using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Integers;

/// <summary>Arithmetic and reductions on the elements of small integer tensors.</summary>
internal static class ArithmeticRules
{
    public static void AddTo(RuleRows<IntegerRule> rows)
    {
        rows.Onnx(context => context.IntegersOf(0), "Identity", "Floor", "Ceil", "Round");
        rows.Onnx(Cast, "Cast");
        rows.Onnx(Elementwise.Unary(x => Dimension.Zero - x), "Neg");
        rows.Onnx(Elementwise.Unary(Absolute), "Abs");
        rows.Onnx(Elementwise.Fold((a, b) => a + b), "Add", "Sum");
        rows.Onnx(Elementwise.Fold((a, b) => a - b), "Sub");
        rows.Onnx(Elementwise.Fold((a, b) => a * b), "Mul");
        rows.Onnx(Elementwise.Fold(Dimension.Min), "Min");
        rows.Onnx(Elementwise.Fold(Dimension.Max), "Max");
        rows.Onnx(Elementwise.Fold(Modulo), "Mod");
        rows.Onnx(Div, "Div");
        rows.Onnx(Reduce((a, b) => a + b), "ReduceSum");
        rows.Onnx(Reduce((a, b) => a * b), "ReduceProd");
        rows.Onnx(Reduce(Dimension.Min), "ReduceMin");
        rows.Onnx(Reduce(Dimension.Max), "ReduceMax");
    }

    private static IntegerTensor? Cast(RuleContext context) => context.ElementTypeIn("to", DataType.Undefined) switch
    {
        DataType.Bool => Elementwise.Unary(x => x.Value is { } n ? Dimension.Of(n == 0 ? 0 : 1) : null)(context),
        DataType.String => null,
        _ => context.IntegersOf(0),
    };

    private static Dimension? Absolute(Dimension x)
    {
        if (x.Value is { } value) return value == long.MinValue ? null : Dimension.Of(Math.Abs(value));
        return x.IsNonNegative ? x : null;
    }

    /// <summary>
    /// Integers divide towards zero, floating-point numbers exactly: there only a quotient without rest is a whole
    /// number.
    /// </summary>
    private static IntegerTensor? Div(RuleContext context) =>
        context.ElementTypeOf(0) is DataType.Int64 or DataType.Int32
        ? Elementwise.Fold(Quotient)(context)
        : Elementwise.Fold((a, b) => b.Value is 0 or -1 ? null : a.TryDivide(b))(context);

    /// <summary>Symbolic operands are sizes, for which rounding towards zero and down are the same.</summary>
    private static Dimension? Quotient(Dimension a, Dimension b)
    {
        if (b.Value == 0 || (a.Value == long.MinValue && b.Value == -1)) return null;
        if (a.Value is { } n && b.Value is { } d) return Dimension.Of(n / d);
        return Dimension.FloorDivide(a, b);
    }

    /// <summary>Has the divisor's sign (ONNX's default for integers).</summary>
    private static Dimension? Modulo(Dimension a, Dimension b) =>
        b.Value == 0 ? null : a - Dimension.FloorDivide(a, b) * b;

    /// <summary>Over all elements of a vector; other reductions do not occur in shape arithmetic.</summary>
    private static IntegerRule Reduce(Func<Dimension, Dimension, Dimension> function) => context =>
    {
        if (context.IntegersOf(0) is not { Elements: { Length: > 0 } elements } x) return null;
        var sizes = IntegerTensor.SizesOf(context.OutputShape(0)!);
        if (sizes.Any(size => size != 1) || (x.Sizes.Count > 1 && sizes.Length != 0)) return null;
        if (elements.Any(element => element is null)) return null;
        return new IntegerTensor(sizes, [elements.Select(element => element!).Aggregate(function)]);
    };
}
