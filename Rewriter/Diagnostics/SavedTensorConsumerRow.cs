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
/// <param name="Reads">In what form it reads that.</param>
public sealed record SavedTensorConsumerRow(
    string Node, string Operator, int Input, StorageClass Class, StorageDecision Decision, double? Bits,
    ReadForm Reads)
{
    internal static SavedTensorConsumerRow Of(ConsumerPlan plan, double? bits)
    {
        var use = plan.Consumer.Use;
        return new SavedTensorConsumerRow(
            use.Node.DisplayName, use.Node.Operator.ToString(), use.Input, plan.Consumer.Class, plan.Decision,
            plan.Form == ReadForm.Dimensions ? 0 : bits, plan.Form);
    }
}
