using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>A value whose node runs again.</summary>
/// <param name="Value">The value.</param>
/// <param name="Inputs">How each of the node's inputs comes about; null for those that are kept.</param>
internal sealed record ReplayedNode(Value Value, IReadOnlyList<Restoration?> Inputs) : Restoration(Value)
{
    public override IEnumerable<NoisePath> Paths => Inputs.OfType<Restoration>().SelectMany(input => input.Paths);

    public override void CollectSources(List<Value> sources)
    {
        foreach (var input in Inputs) input?.CollectSources(sources);
    }
}
