using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>A value that is packed itself.</summary>
internal sealed record UnpackedTensor(Value Value) : Restoration(Value)
{
    public override IEnumerable<NoisePath> Paths => [new NoisePath(Value, Scale: null, Masks: [])];

    public override void CollectSources(List<Value> sources) => Collect(Value, sources);
}
