using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// A result of LeakyRelu, or of a Relu that stands behind no normalization of channels: x where the packed mask has a
/// bit, else α · x. Linear in x, because the mask is exact.
/// </summary>
/// <param name="Value">The result; its mask says where it is positive.</param>
/// <param name="Inner">x.</param>
/// <param name="Alpha">α, not negative; 0 for Relu.</param>
internal sealed record RectifiedTensor(Value Value, Restoration Inner, float Alpha) : Restoration(Value)
{
    public override IEnumerable<NoisePath> Paths =>
        Alpha != 0 ? Inner.Paths : Inner.Paths.Select(path => path with { Masks = [Value, .. path.Masks] });

    public override void CollectSources(List<Value> sources) => Inner.CollectSources(sources);

    protected override string Describe() => base.Describe() + ", and from its sign";
}
