using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes.Rules;

namespace OnnxActNN.Rewriter.Shapes.Integers;

/// <summary>Where small integer tensors come from: shapes, constants, ranges.</summary>
internal static class SourceRules
{
    public static void AddTo(RuleRows<IntegerRule> rows)
    {
        rows.Onnx(ShapeOf, "Shape");
        rows.Onnx(Size, "Size");
        rows.Onnx(Constant, "Constant");
        rows.Onnx(ConstantOfShape, "ConstantOfShape");
        rows.Onnx(Range, "Range");
    }

    private static IntegerTensor? ShapeOf(RuleContext context)
    {
        if (context.ShapeOf(0) is not { } x) return null;
        var (start, end) = CreationRules.AxesListed(context, x.Rank);
        return IntegerTensor.Vector([.. x.Take(end).Skip(start)]);
    }

    private static IntegerTensor? Size(RuleContext context) =>
        context.ShapeOf(0) is { } x ? IntegerTensor.Scalar(x.Elements) : null;

    private static IntegerTensor? Constant(RuleContext context)
    {
        foreach (var attribute in context.Node.Attributes)
        {
            var read = (attribute.Name, attribute.Value) switch
            {
                ("value", AttributeValue.Tensor tensor) => Read(tensor.Value),
                ("value_int", AttributeValue.Int number) => Read(DenseTensorData.Scalar(number.Value)),
                ("value_ints", AttributeValue.Ints list) => Read(DenseTensorData.Integers([.. list.Values])),
                ("value_float", AttributeValue.Float number) => Read(DenseTensorData.Scalar(number.Value)),
                _ => null,
            };
            if (read is not null) return read;
        }
        return null;
    }

    private static IntegerTensor? Read(TensorData data) => IntegerTensor.TryRead(data);

    private static IntegerTensor? ConstantOfShape(RuleContext context)
    {
        var fill = context.Node.Attributes.Find("value")?.Value switch
        {
            null => Dimension.Zero,
            AttributeValue.Tensor tensor when Read(tensor.Value) is { Elements: [var element] } => element,
            _ => null,
        };
        return fill is null ? null : Filled(context, _ => fill);
    }

    private static IntegerTensor? Range(RuleContext context)
    {
        if (context.IntegersOf(0)?.Elements is not [{ } start] || context.IntegersOf(2)?.Elements is not [{ } delta])
            return null;
        return Filled(context, index => start + delta * Dimension.Of(index));
    }

    private static IntegerTensor Filled(RuleContext context, Func<int, Dimension> element)
    {
        var sizes = IntegerTensor.SizesOf(context.OutputShape(0)!);
        var count = sizes.Aggregate(1, (product, size) => product * size);
        return new IntegerTensor(sizes, [.. Enumerable.Range(0, count).Select(element)]);
    }
}
