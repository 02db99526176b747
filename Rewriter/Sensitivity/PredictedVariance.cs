using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Rewriter.Sensitivity;

/// <summary>What a profile of the original predicts for a rewritten graph, from the packs that the graph has.</summary>
internal static class PredictedVariance
{
    /// <summary>
    /// Variance that all packs together add to the gradients; tensors' noise is independent, so theirs add up. Null
    /// where the profile has nothing of a packed tensor.
    /// </summary>
    /// <param name="original">The graph that was profiled; prepared as for a rewrite.</param>
    /// <param name="rewritten">The graph with packs.</param>
    /// <param name="profile">The profile.</param>
    /// <exception cref="Plans.PlanFormatException">The profile is one of another graph.</exception>
    public static double? Of(Model original, Model rewritten, ActivationProfile profile)
    {
        ModelChecks.RequireSameModel(profile.Model, ModelFingerprint.Of(original), "profile");
        // Written activations save other tensors without codes of derivatives.
        var hasDerivatives = rewritten.Graph.Nodes.Any(node => node.Operator == PackOperators.DerivativePack);
        var training = TrainingGraph.Prepare(original, new RewriteOptions { DerivativeCodes = hasDerivatives });
        var saved = training.Saved.ToDictionary(tensor => tensor.Value.Name);
        var packs = rewritten.Graph.Nodes.Where(node => node.Operator == PackOperators.QuantizePack)
            .ToDictionary(NameOf, FormatOf);
        var whenMeasured =
            new RebuiltReaders(new StoragePolicy(new RewriteOptions { MinimumBytes = 0 }).Decide(training.Saved));
        var sensitivities = new SensitivityTable(training, profile, whenMeasured);
        var rebuilt = RebuiltIn(rewritten, training, packs);
        double sum = 0;
        foreach (var (name, format) in packs)
        {
            if (!saved.TryGetValue(name, out var tensor) || sensitivities.Of(tensor, rebuilt) is not { } sensitivity)
                return null;
            sum += sensitivity.VarianceAt(format);
        }
        foreach (var pack in rewritten.Graph.Nodes.Where(node => node.Operator == PackOperators.DerivativePack))
        {
            if (!saved.TryGetValue(NameOf(pack), out var tensor)) return null;
            sum += sensitivities.OfDerivative(tensor)!.VarianceAt(FormatOf(pack));
        }
        return sum;

        string NameOf(Node pack) => PackOperators.CodedBy(pack, saved.ContainsKey).Name;
    }

    /// <summary>
    /// A tensor is rebuilt that has no pack and that the backward pass does not read as it is, if it can be.
    /// </summary>
    private static RebuiltReaders RebuiltIn(
        Model rewritten, TrainingGraph training, Dictionary<string, PackFormat> packs)
    {
        var split = SplitFinder.Find(rewritten.Graph);
        var plan = BitPlan.Of(training.Saved.Select(tensor => tensor.Value.Name).Select(name => new PlannedTensor
        {
            Name = name,
            Decision = packs.ContainsKey(name)
            ? StorageDecision.Quantize
            : IsRead(name) ? StorageDecision.Exact : StorageDecision.Rebuild,
            Levels = packs.TryGetValue(name, out var format) ? CodeWidths.Levels(format.Width) : 0,
        }));
        return new RebuiltReaders(
            new StoragePolicy(new RewriteOptions { MinimumBytes = 0, Plan = plan }).Decide(training.Saved));

        bool IsRead(string name) => rewritten.Graph.Find(name)?.Uses.Any(use => split.IsBackward(use.Node)) == true;
    }

    private static PackFormat FormatOf(Node pack) =>
        new(
            CodeWidths.FromLevels(pack.Attributes.GetInt(PackAttributes.Levels, PackAttributes.DefaultLevels)),
            pack.Attributes.GetInt(PackAttributes.ZeroExact, 0) != 0)
        {
            GroupSize = (int)pack.Attributes.GetInt(PackAttributes.GroupSize, PackFormat.DefaultGroupSize),
            Metadata = PackAttributes.MetadataFrom(
                pack.Attributes.GetText(PackAttributes.Metadata, PackAttributes.MetadataBFloat16)),
            Rounding = PackAttributes.RoundingFrom(
                pack.Attributes.GetText(PackAttributes.Rounding, PackAttributes.RoundingDither)),
            Grid = PackAttributes.GridFrom(pack.Attributes.GetText(PackAttributes.Grid, PackAttributes.GridUniform)),
            Shares = WidthShares.FromList(pack.Attributes.GetInts(PackAttributes.WidthShares) ?? []),
            Order = PackAttributes.OrderFrom(
                pack.Attributes.GetText(PackAttributes.WidthOrder, PackAttributes.OrderRange)),
        };
}
