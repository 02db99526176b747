using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>A layer normalization's result from its input, which is computed again, and the kept statistics.</summary>
/// <param name="Value">The result.</param>
/// <param name="Inner">The input.</param>
/// <param name="Normalization">The forward node.</param>
internal sealed record NormalizedAgain(Value Value, Restoration Inner, Node Normalization) : Restoration(Value)
{
    public override IEnumerable<NoisePath> Paths => Inner.Paths;

    public override void CollectSources(List<Value> sources) => Inner.CollectSources(sources);
}
