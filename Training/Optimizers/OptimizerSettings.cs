using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Optimizers;

/// <summary>What an optimizer graph of ONNX Runtime's artifacts does.</summary>
/// <param name="Optimizer">Its arithmetic.</param>
/// <param name="LargestGradientNorm">Norm that the whole gradient is scaled down to; null where it is not.</param>
internal sealed record OptimizerSettings(IOptimizer Optimizer, float? LargestGradientNorm)
{
    /// <summary>
    /// Reads the attributes off the graph's nodes; those that a node leaves out have the schema's defaults.
    /// </summary>
    /// <exception cref="TrainingSessionException">The graph has no optimizer, or one of another kind.</exception>
    public static OptimizerSettings Read(Model model)
    {
        var nodes = model.Graph.Nodes.ToList();
        var optimizer = nodes.Select(TryRead).FirstOrDefault(found => found is not null)
            ?? throw new TrainingSessionException(
                "The optimizer graph has no AdamWOptimizer and no SGDOptimizerV2, but "
                + $"{string.Join(", ", nodes.Select(node => node.Operator.Type).Distinct())}. "
                + $"Give {nameof(TrainingSessionOptions)}.{nameof(TrainingSessionOptions.Optimizer)}.");
        var clip = nodes.Find(node => node.Operator.Type == "InplaceClipGradNorm");
        return new OptimizerSettings(optimizer, clip?.Attributes.GetFloat("max_norm", 1));
    }

    private static IOptimizer? TryRead(Node node) => node.Operator.Type switch
    {
        "AdamWOptimizer" => new AdamW
        {
            Alpha = node.Attributes.GetFloat("alpha", 0.9f),
            Beta = node.Attributes.GetFloat("beta", 0.999f),
            Epsilon = node.Attributes.GetFloat("epsilon", 1e-8f),
            WeightDecay = node.Attributes.GetFloat("weight_decay", 1e-2f),
            CorrectBias = node.Attributes.GetInt("correct_bias", 1) != 0,
            Mode = (AdamMode)node.Attributes.GetInt("adam_mode", 0),
        },
        "SGDOptimizerV2" => new Sgd(),
        _ => null,
    };
}
