using OnnxActNN.Rewriter;
using OnnxActNN.Training.Optimizers;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training;

/// <summary>How a <see cref="TrainingSession"/> trains.</summary>
public sealed record TrainingSessionOptions
{
    /// <summary>
    /// How the training graph is packed; null trains it as it is, in float32. <see cref="RewriteOptions.Runtime"/> does
    /// not matter: the graph is always lowered.
    /// </summary>
    public RewriteOptions? Rewrite { get; init; }

    /// <summary>
    /// The optimizer; null takes that of the optimizer graph, and where there is none <see cref="AdamW"/> with its
    /// defaults.
    /// </summary>
    public IOptimizer? Optimizer { get; init; }

    /// <summary>
    /// Euclidean norm of the whole gradient above which it is scaled down before each optimizer step; null takes what
    /// the optimizer graph says, which is mostly that nothing is scaled.
    /// </summary>
    public float? LargestGradientNorm { get; init; }

    /// <summary>
    /// Names of values within the evaluation graph that <see cref="TrainingSession.EvalStep"/> returns behind the
    /// graph's own outputs, such as the logits.
    /// </summary>
    public IReadOnlyList<string> EvalOutputs { get; init; } = [];

    /// <summary>How the sessions are opened. The custom operators are registered in any case.</summary>
    public SessionSettings Session { get; init; } = new();
}
