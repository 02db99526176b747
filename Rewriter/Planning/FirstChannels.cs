using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>The first channels of a packed concatenation, which begins with what the value is made of.</summary>
/// <param name="Value">The value.</param>
/// <param name="Source">The packed concatenation.</param>
/// <param name="Channels">How many there are.</param>
internal sealed record FirstChannels(Value Value, Value Source, long Channels) : Restoration(Value)
{
    public override IEnumerable<NoisePath> Paths => [new NoisePath(Source, Scale: null, Masks: [])];

    public override void CollectSources(List<Value> sources) => Collect(Source, sources);

    protected override string Describe() => $"the first channels of '{Source}'";
}
