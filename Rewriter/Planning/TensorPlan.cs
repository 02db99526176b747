using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>What happens to one saved tensor, and why.</summary>
/// <param name="Tensor">The tensor with its consumers.</param>
/// <param name="Decision">The tensor's own decision, the strictest of its consumers'.</param>
/// <param name="Reason">A sentence for people.</param>
/// <param name="Format">The code, for packed tensors.</param>
internal sealed record TensorPlan(SavedTensor Tensor, StorageDecision Decision, string Reason, PackFormat? Format = null)
{
    /// <summary>What one consumer reads under this plan.</summary>
    public StorageDecision DecisionFor(SavedTensorConsumer consumer) => (Decision, consumer.Class) switch
    {
        (StorageDecision.Quantize, Operators.StorageClass.M) => StorageDecision.Mask,
        (StorageDecision.Quantize, Operators.StorageClass.H) => StorageDecision.Shape,
        _ => Decision,
    };
}
