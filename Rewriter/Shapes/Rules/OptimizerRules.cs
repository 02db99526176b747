using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Shapes.Rules.CommonRules;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>
/// Gradient accumulation and optimizers that work on single tensors (those on sequences have no tensor outputs).
/// </summary>
internal static class OptimizerRules
{
    public static void AddTo(RuleRows<ShapeRule> rows)
    {
        rows.Microsoft(InPlaceAccumulatorV2, "InPlaceAccumulatorV2");
        rows.Microsoft(SameAsFirst, "InPlaceAccumulator", "ZeroGradient");
        rows.Microsoft(EachSameAs(offset: 1), "SGDOptimizer");
        rows.Microsoft(AdamOptimizer, "AdamOptimizer");
        rows.Microsoft(Flag, "AdamWOptimizer", "SGDOptimizerV2");
    }

    private static void InPlaceAccumulatorV2(RuleContext context)
    {
        Flag(context);
        context.Copy(1, 0);
    }

    private static void Flag(RuleContext context) => context.Set(0, DataType.Bool, Shape.Of(1));

    /// <summary>
    /// Inputs: rate, step, weights, gradients, two moments, half-precision weights; the outputs are the new ones.
    /// </summary>
    private static void AdamOptimizer(RuleContext context)
    {
        ReadOnlySpan<int> likeInput = [1, 4, 5, 2, 3, 6];
        for (var output = 0; output < likeInput.Length; output++) context.Copy(output, likeInput[output]);
    }
}
