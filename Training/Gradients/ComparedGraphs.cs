using OnnxActNN.Rewriter.IR;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training.Gradients;

/// <summary>A training graph, a rewritten one, and the step at which their gradients are compared.</summary>
/// <param name="Original">Gives the graph as exported, anew each time, as a run uses it up.</param>
/// <param name="Rewritten">Gives the other graph, the same each time.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="Feeds">The inputs.</param>
/// <param name="Loss">Name of the loss.</param>
/// <param name="Settings">How both sessions are opened.</param>
internal sealed record ComparedGraphs(
    Func<Model> Original, Func<Model> Rewritten, Checkpoint Parameters, FeedBatch Feeds, string Loss,
    SessionSettings Settings)
{
    /// <summary>Opens both graphs, and runs the original once.</summary>
    public GradientPair Open() => new(Original(), Rewritten(), Parameters, Feeds, Loss, Settings);
}
