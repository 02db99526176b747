using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Shapes.Rules.CommonRules;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>
/// This project's own operators. A packed tensor's length depends on attributes and is left open here; a shape carrier
/// has no elements, its dimensions are those of the tensor with a 0 behind them.
/// </summary>
internal static class CustomRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Add(OperatorSchema.Domain, Pack, "QuantizePack", "MaskPack", "IndexPack");
        rows.Add(OperatorSchema.Domain, ShapeCarrier, "ShapeCarrier");
        rows.Add(
            OperatorSchema.Domain, SameAsFirst,
            "ActProfile", "ReluGradFromMask", "DropoutGradFromMask", "ClipGradFromMask");
        rows.Add(OperatorSchema.Domain, context => Unpack(context, context.ElementTypeOf(2)), "UnpackDequant");
        rows.Add(OperatorSchema.Domain, context => Unpack(context, DataType.Bool), "MaskUnpack");
    }

    /// <summary>packed, shape and, where the node has a third output, the tensor itself.</summary>
    private static void Pack(RuleContext context)
    {
        context.Set(0, DataType.UInt8, new Shape(context.Open(0, 0)));
        SetCarrier(context, output: 1);
        context.Copy(2, 0);
    }

    private static void ShapeCarrier(RuleContext context)
    {
        SetCarrier(context, output: 0);
        context.Copy(1, 0);
    }

    private static void SetCarrier(RuleContext context, int output) =>
        context.Set(output, DataType.UInt8, context.ShapeOf(0) is { } x ? new Shape([.. x, Dimension.Zero]) : null);

    private static void Unpack(RuleContext context, DataType type) =>
        context.Set(0, type, context.ShapeOf(1) is { Rank: > 0 } carrier ? new Shape(carrier.SkipLast(1)) : null);
}
