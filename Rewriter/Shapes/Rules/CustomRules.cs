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
        rows.Add(OperatorSchema.Domain, Pack, "QuantizePack", "MaskPack", "DerivativePack");
        rows.Add(OperatorSchema.Domain, IndexPack, "IndexPack");
        rows.Add(OperatorSchema.Domain, PoolingIndexPack, "MaxPoolIndexPack");
        rows.Add(OperatorSchema.Domain, ShapeCarrier, "ShapeCarrier");
        rows.Add(
            OperatorSchema.Domain, SameAsFirst,
            "ActProfile", "Anchor", "ReluGradFromMask", "ReluGradFromCodes", "DropoutGradFromMask", "ClipGradFromMask",
            "ActivationGrad", "ActivationGradFromCodes", "AddInPlace", "SoftmaxGradFromPacked");
        rows.Add(OperatorSchema.Domain, UnpackDequant, "UnpackDequant");
        rows.Add(OperatorSchema.Domain, Slice, "BatchSlice");
        rows.Add(OperatorSchema.Domain, context => Unpack(context, 1, DataType.Bool), "MaskUnpack");
        rows.Add(
            OperatorSchema.Domain, context => Unpack(context, 2, context.ElementTypeOf(0)), "MaxPoolGradFromIndex");
        rows.Add(
            OperatorSchema.Domain, context => Unpack(context, 1, context.ElementTypeOf(2)),
            "LayerNormalizationFromPacked");
        rows.Add(OperatorSchema.Domain, FirstChannels, "BatchNormalizationFromPacked");
        rows.Add(OperatorSchema.Domain, Normalization, "BatchNormalizationInPlace");
        rows.Add(
            OperatorSchema.Domain, context => Unpack(context, 2, DataType.Float),
            "SoftmaxCrossEntropyLossGradFromPacked");
        rows.Add(
            OperatorSchema.Domain, NormalizationGradient, "BatchNormalizationGradFromPacked",
            "LayerNormalizationGradFromPacked");
    }

    /// <summary>packed, shape and, where the node has a third output, the tensor itself.</summary>
    private static void Pack(RuleContext context)
    {
        context.Set(0, DataType.UInt8, new Shape(context.Open(0, 0)));
        SetCarrier(context, output: 1, of: 0);
        context.Copy(2, 0);
    }

    /// <summary>packed, and the shape of the pool's input.</summary>
    private static void IndexPack(RuleContext context)
    {
        context.Set(0, DataType.UInt8, new Shape(context.Open(0, 0)));
        SetCarrier(context, output: 1, of: 1);
    }

    /// <summary>packed, the shape of the pool's input, and the pool's result.</summary>
    private static void PoolingIndexPack(RuleContext context)
    {
        context.Set(0, DataType.UInt8, new Shape(context.Open(0, 0)));
        SetCarrier(context, output: 1, of: 0);
        context.Set(2, context.ElementTypeOf(0), PoolingRules.Pooled(context));
    }

    /// <summary>Y like X; the statistics like those that come in.</summary>
    private static void Normalization(RuleContext context)
    {
        context.Copy(0, 0);
        foreach (var (output, input) in ((int, int)[])[(1, 3), (2, 4), (3, 3), (4, 4)]) context.Copy(output, input);
    }

    /// <summary>dX like dY; the gradients of scale and bias like scale.</summary>
    private static void NormalizationGradient(RuleContext context)
    {
        context.Copy(0, 0);
        context.Copy(1, 3);
        context.Copy(2, 3);
    }

    /// <summary>The shape of the packed tensor, with as many channels as the scale has numbers.</summary>
    private static void FirstChannels(RuleContext context)
    {
        var shape = context.ShapeOf(1) is { Rank: > 2 } carrier && context.ShapeOf(3) is { Rank: 1 } scale
            ? SlicedShape.Of(new Shape([.. carrier.SkipLast(1)]).With(1, scale[0]), SliceOf(context))
            : null;
        context.Set(0, context.ElementTypeOf(2), shape);
    }

    private static void ShapeCarrier(RuleContext context)
    {
        SetCarrier(context, output: 0, of: 0);
        context.Copy(1, 0);
    }

    private static void SetCarrier(RuleContext context, int output, int of) =>
        context.Set(output, DataType.UInt8, context.ShapeOf(of) is { } x ? new Shape([.. x, Dimension.Zero]) : null);

    /// <summary>The shape of the packed tensor, or of a slice of it.</summary>
    private static void UnpackDequant(RuleContext context) => context.Set(
        0, context.ElementTypeOf(2),
        context.ShapeOf(1) is { Rank: > 0 } carrier
        ? SlicedShape.Of(new Shape(carrier.SkipLast(1)), SliceOf(context))
        : null);

    private static void Slice(RuleContext context) =>
        context.Set(
            0, context.ElementTypeOf(0), context.ShapeOf(0) is { } x ? SlicedShape.Of(x, SliceOf(context)) : null);

    private static BatchSlice SliceOf(RuleContext context)
    {
        var (index, count) = (context.Int(SliceAttributes.Index, 0), context.Int(SliceAttributes.Count, 1));
        return index >= 0 && index < count
            ? BatchSlice.Create(index, count)
            : throw context.Fail($"there is no slice {index} of {count}.");
    }

    private static void Unpack(RuleContext context, int carrierInput, DataType type) =>
        context.Set(
            0, type, context.ShapeOf(carrierInput) is { Rank: > 0 } carrier ? new Shape(carrier.SkipLast(1)) : null);
}
