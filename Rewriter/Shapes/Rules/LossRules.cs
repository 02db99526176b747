using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Losses and their gradients.</summary>
internal static class LossRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Onnx(Loss, "SoftmaxCrossEntropyLoss", "NegativeLogLikelihoodLoss");
        rows.Microsoft(
            Loss,
            "SoftmaxCrossEntropyLossInternal", "SparseSoftmaxCrossEntropy", "NegativeLogLikelihoodLossInternal",
            "NegativeLogLikelihoodLossInternal2");
        rows.Microsoft(DenseLabels, "SoftmaxCrossEntropy");
        rows.Microsoft(
            LikeLogProbabilities,
            "SoftmaxCrossEntropyGrad", "SparseSoftmaxCrossEntropyGrad", "SoftmaxCrossEntropyLossGrad",
            "SoftmaxCrossEntropyLossInternalGrad");
    }

    /// <summary>
    /// A scalar, or one loss per label without reduction; then the log-probabilities, like the scores.
    /// </summary>
    private static void Loss(RuleContext context)
    {
        var type = context.ElementTypeIn("output_type", context.ElementTypeOf(0));
        context.Set(0, type, context.Text("reduction", "mean") == "none" ? context.ShapeOf(1) : Shape.Scalar);
        context.Set(1, type, context.ShapeOf(0));
    }

    /// <summary>Labels are probabilities; without reduction there is one loss per row of the scores.</summary>
    private static void DenseLabels(RuleContext context)
    {
        var rows = context.ShapeOf(0) is { Rank: > 0 } scores ? new Shape(scores.SkipLast(1)) : null;
        context.Set(0, context.ElementTypeOf(0), context.Text("reduction", "mean") == "none" ? rows : Shape.Scalar);
        context.Copy(1, 0);
    }

    private static void LikeLogProbabilities(RuleContext context) =>
        context.Set(0, context.ElementTypeIn("output_type", context.ElementTypeOf(1)), context.ShapeOf(1));
}
