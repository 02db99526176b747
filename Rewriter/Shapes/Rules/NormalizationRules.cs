using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Shapes.Rules.CommonRules;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Normalizations, with the statistics they save for the backward pass.</summary>
internal static class NormalizationRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(
            SameAsFirst,
            "InstanceNormalization", "GroupNormalization", "LRN", "LpNormalization", "MeanVarianceNormalization",
            "RMSNormalization");
        rows.Onnx(BatchNormalization, "BatchNormalization");
        rows.Microsoft(BatchNormalization, "BatchNormInternal");
        rows.Onnx(context => LayerNormalization(context, statistics: 2), "LayerNormalization");
        rows.Onnx(context => LayerNormalization(context, statistics: 1), "SimplifiedLayerNormalization");
        rows.Microsoft(SkipLayerNormalization, "SkipLayerNormalization", "SkipSimplifiedLayerNormalization");
        rows.Microsoft(SameAsFirst, "GroupNorm");
    }

    /// <summary>
    /// Y is like X; running and saved statistics have one element per channel. BatchNormInternal adds saved mean and
    /// inverse deviation, as BatchNormalization before opset 14 did.
    /// </summary>
    private static void BatchNormalization(RuleContext context)
    {
        context.Copy(0, 0);
        foreach (var output in (int[])[1, 2, 3, 4]) Like(context, output, 3, 1);
    }

    /// <summary>
    /// Mean and inverse deviation keep the axes in front of the normalized ones; the rest have size 1.
    /// </summary>
    private static void LayerNormalization(RuleContext context, int statistics)
    {
        context.Copy(0, 0);
        if (context.ShapeOf(0) is not { } x) return;
        var axis = context.Axis(context.Int("axis", -1), x.Rank);
        var shape = new Shape(x.Select((dimension, at) => at < axis ? dimension : Dimension.One));
        var type = context.ElementTypeIn("stash_type", DataType.Float);
        for (var output = 1; output <= statistics; output++) context.Set(output, type, shape);
    }

    /// <summary>Output 3 is the sum of data and skip connection.</summary>
    private static void SkipLayerNormalization(RuleContext context)
    {
        LayerNormalization(context, statistics: 2);
        context.Copy(3, 0);
    }
}
