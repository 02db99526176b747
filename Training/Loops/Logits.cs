using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Loops;

/// <summary>Finds what a loss compares with the labels.</summary>
internal static class Logits
{
    private static readonly HashSet<string> Losses = ["SoftmaxCrossEntropyLoss", "SoftmaxCrossEntropyLossInternal"];

    /// <summary>
    /// Name of the first input of the graph's only cross-entropy loss; null where there is none, or there are several.
    /// </summary>
    public static string? Find(Model evaluation) =>
        evaluation.Graph.Nodes.Where(node => Losses.Contains(node.Operator.Type)).ToList() is [var loss]
            ? loss.Input(0)?.Name
            : null;
}
