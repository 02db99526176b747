using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Diagnostics;

/// <summary>One backward reader of a saved tensor in a report.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Operator">Its operator, with the domain where that is not the standard one.</param>
/// <param name="Input">Which input it reads the tensor at.</param>
/// <param name="Class">What it needs.</param>
/// <param name="Decision">What it gets.</param>
/// <param name="Bits">Stored bits per element of what it reads; null where no dimension sizes are given.</param>
public sealed record SavedTensorConsumerRow(
    string Node, string Operator, int Input, StorageClass Class, StorageDecision Decision, double? Bits)
{
    internal static SavedTensorConsumerRow Of(SavedTensorConsumer consumer, StorageDecision decision, double? bits) => new(
        consumer.Use.Node.DisplayName, consumer.Use.Node.Operator.ToString(), consumer.Use.Input, consumer.Class, decision,
        decision == StorageDecision.Shape ? 0 : bits);
}
