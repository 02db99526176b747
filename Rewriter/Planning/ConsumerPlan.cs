using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>What one consumer of a saved tensor reads.</summary>
/// <param name="Consumer">The consumer.</param>
/// <param name="Store">Where from; one of the plan's, by reference.</param>
/// <param name="Form">In what form.</param>
internal sealed record ConsumerPlan(SavedTensorConsumer Consumer, Store Store, ReadForm Form)
{
    /// <summary>The consumer's own decision: a mask may be read from codes.</summary>
    public StorageDecision Decision => (Store.Decision, Form) switch
    {
        (StorageDecision.Quantize, ReadForm.Dimensions) => StorageDecision.Shape,
        (StorageDecision.Quantize, ReadForm.Direct or ReadForm.Nonzero) when Consumer.Need == Need.Sign =>
            StorageDecision.Mask,
        (StorageDecision.Mask or StorageDecision.Index, ReadForm.Dimensions) => StorageDecision.Shape,
        var (decision, _) => decision,
    };
}
