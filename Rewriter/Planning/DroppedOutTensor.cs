using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>A result of Dropout: x / (1 − ratio) where the packed mask has a bit, else 0.</summary>
/// <param name="Value">The result.</param>
/// <param name="Inner">x.</param>
/// <param name="Mask">Dropout's mask.</param>
/// <param name="Ratio">The ratio, a float32 constant.</param>
internal sealed record DroppedOutTensor(Value Value, Restoration Inner, Value Mask, Value Ratio) : Restoration(Value)
{
    public override IEnumerable<NoisePath> Paths => Inner.Paths;

    public override void CollectSources(List<Value> sources) => Inner.CollectSources(sources);
}
