using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Shapes.Rules.CommonRules;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Operators that work on each element: of one tensor, or of several after broadcasting.</summary>
internal static class ElementwiseRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(
            SameAsFirst,
            "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Ceil", "Celu", "Clip", "Cos",
            "Cosh", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Hardmax", "Identity",
            "LeakyRelu", "Log", "LogSoftmax", "Mish", "Neg", "Not", "PRelu", "Reciprocal", "Relu", "Round", "Selu",
            "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softmax", "Softplus", "Softsign", "Sqrt", "Swish", "Tan",
            "Tanh", "ThresholdedRelu");
        rows.Onnx(SameAsFirst, "CumSum", "CumProd", "Trilu", "ReverseSequence", "BitShift");
        rows.Microsoft(
            SameAsFirst,
            "Gelu", "FastGelu", "QuickGelu", "BiasGelu", "BiasSoftmax", "Trilu", "Scale", "ScaledSum", "BiasSplitGelu",
            "RotaryEmbedding", "FakeQuantGrad", "MegatronF", "MegatronG", "Inverse");
        rows.Onnx(BoolLikeFirst, "IsNaN", "IsInf");
        rows.Microsoft(BoolLikeFirst, "IsFinite");
        rows.Onnx(Cast, "Cast", "CastLike");
        rows.Onnx(Quantize, "QuantizeLinear");
        rows.Onnx(Dequantize, "DequantizeLinear");
        rows.Onnx(Dropout, "Dropout");
        rows.Microsoft(Dropout, "BiasDropout");
        rows.Microsoft(WithMask, "FakeQuant");
        rows.Microsoft(BiasSoftmaxDropout, "BiasSoftmaxDropout");
        rows.Onnx(
            Broadcast,
            "Add", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Max", "Mean", "Min", "Mod", "Mul", "Pow", "Sub",
            "Sum");
        rows.Onnx(Compare, "And", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Or", "Xor");
        rows.Onnx(Where, "Where");
        rows.Microsoft(EachSameAsFirst, "BatchScale");
        rows.Microsoft(EachSameAs(offset: 0), "PassThrough", "NcclAllReduce", "AdasumAllReduce");
        rows.Microsoft(EachSameAs(offset: 1), "WaitEvent", "RecordEvent");
        rows.Microsoft(MixedPrecisionScale, "MixedPrecisionScale");
    }

    private static void Broadcast(RuleContext context) =>
        context.Set(0, context.ElementTypeOf(0), Together(context));

    private static void Compare(RuleContext context) => context.Set(0, DataType.Bool, Together(context));

    private static void Where(RuleContext context)
    {
        var type = context.ElementTypeOf(1);
        context.Set(0, type == DataType.Undefined ? context.ElementTypeOf(2) : type, Together(context));
    }

    /// <summary>All inputs broadcast; null when one is unknown.</summary>
    private static Shape? Together(RuleContext context)
    {
        var result = context.ShapeOf(0);
        for (var input = 1; input < context.InputCount && result is not null; input++)
        {
            result = context.ShapeOf(input) is { } shape ? Broadcasting.Broadcast(context, result, shape) : null;
        }
        return result;
    }

    private static void Cast(RuleContext context)
    {
        var type = context.HasInput(1) ? context.ElementTypeOf(1) : context.ElementTypeIn("to", DataType.Undefined);
        context.Set(0, type, context.ShapeOf(0));
    }

    private static void Quantize(RuleContext context)
    {
        var zeroPoint = context.HasInput(2) ? context.ElementTypeOf(2) : DataType.UInt8;
        context.Set(0, context.ElementTypeIn("output_dtype", zeroPoint), context.ShapeOf(0));
    }

    private static void Dequantize(RuleContext context) => context.Set(0, context.ElementTypeOf(1), context.ShapeOf(0));

    /// <summary>Output and mask; before opset 10 the mask has the data's type.</summary>
    private static void Dropout(RuleContext context)
    {
        context.Copy(0, 0);
        var isOld = context.Node.Operator.Domain.Length == 0 && context.Opset < 10;
        context.Set(1, isOld ? context.ElementTypeOf(0) : DataType.Bool, context.ShapeOf(0));
    }

    private static void WithMask(RuleContext context)
    {
        context.Copy(0, 0);
        context.Set(1, DataType.Bool, context.ShapeOf(0));
    }

    private static void BiasSoftmaxDropout(RuleContext context)
    {
        WithMask(context);
        context.Copy(2, 0);
    }

    private static void EachSameAsFirst(RuleContext context)
    {
        for (var output = 0; output < context.OutputCount; output++) context.Copy(output, 0);
    }

    /// <summary>
    /// Input 0 is the scale; output k is input k + 1 in another type, unless all are fused into one buffer.
    /// </summary>
    private static void MixedPrecisionScale(RuleContext context)
    {
        if (context.Int("fuse_outputs", 0) != 0) return;
        var type = context.ElementTypeIn("to", DataType.Undefined);
        for (var output = 0; output < context.OutputCount; output++)
            context.Set(output, type, context.ShapeOf(output + 1));
    }
}
