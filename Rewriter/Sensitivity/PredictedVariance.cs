using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Sensitivity;

/// <summary>What a profile of the original predicts for a rewritten graph, from the packs that the graph has.</summary>
internal static class PredictedVariance
{
    /// <summary>
    /// Variance that all packs together add to the gradients; tensors' noise is independent, so theirs add up. Null where the profile has
    /// nothing of a packed tensor.
    /// </summary>
    /// <param name="original">The graph that was profiled; prepared as for a rewrite.</param>
    /// <param name="rewritten">The graph with packs.</param>
    /// <param name="profile">The profile.</param>
    /// <exception cref="Plans.PlanFormatException">The profile is one of another graph.</exception>
    public static double? Of(Model original, Model rewritten, ActivationProfile profile)
    {
        ModelChecks.RequireSameModel(profile.Model, ModelFingerprint.Of(original), "profile");
        var training = TrainingGraph.Prepare(original);
        var sensitivities = new SensitivityTable(training, profile);
        var saved = training.Saved.ToDictionary(tensor => tensor.Value.Name);
        double sum = 0;
        foreach (var pack in rewritten.Graph.Nodes.Where(node => node.Operator == PackOperators.QuantizePack))
        {
            if (!saved.TryGetValue(PackedBy(pack).Name, out var tensor) || sensitivities.Of(tensor) is not { } sensitivity) return null;
            sum += sensitivity.VarianceAt(FormatOf(pack));
        }
        return sum;
    }

    /// <summary>The tensor itself: a pack may read it through the pass-through of another store.</summary>
    private static Value PackedBy(Node pack)
    {
        var value = pack.Input(0)!;
        while (value.Producer is { } producer && PackOperators.IsOwn(producer.Operator) && producer.Input(0) is { } behind) value = behind;
        return value;
    }

    private static PackFormat FormatOf(Node pack) =>
        new(
            CodeWidths.FromLevels(pack.Attributes.GetInt(PackAttributes.Levels, PackAttributes.DefaultLevels)),
            pack.Attributes.GetInt(PackAttributes.ZeroExact, 0) != 0)
        {
            Rounding = PackAttributes.RoundingFrom(pack.Attributes.GetText(PackAttributes.Rounding, PackAttributes.RoundingDither)),
        };
}
