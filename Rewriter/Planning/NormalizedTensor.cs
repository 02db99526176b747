using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// A value that is mask · (normalization's result + addend), or the same without one or both: linear in the
/// normalization's packed input, so an unbiased code of that input leaves it unbiased.
/// </summary>
/// <param name="Value">The value.</param>
/// <param name="Source">
/// The packed input of the normalization, or the packed tensor whose first channels that is.
/// </param>
/// <param name="Normalization">The forward node.</param>
/// <param name="HasMask">Whether the value is a result of Relu.</param>
/// <param name="Addend">The other summand; null where there is none.</param>
internal sealed record NormalizedTensor(
    Value Value, Value Source, Node Normalization, bool HasMask, Restoration? Addend)
    : Restoration(Value)
{
    /// <summary>Where the value is a result of Clip: its bounds.</summary>
    public ClipRange? Clip { get; init; }

    /// <summary>The value whose packed mask is read; null where none is.</summary>
    public Value? Masked => Clip?.Clipped ?? (HasMask ? Value : null);

    public override IEnumerable<NoisePath> Paths
    {
        get
        {
            Value[] masks = HasMask ? [Value] : [];
            var behind = Addend?.Paths ?? [];
            return [new NoisePath(Source, Normalization.Input(1), masks),
                .. behind.Select(path => path with { Masks = [.. masks, .. path.Masks] })];
        }
    }

    public override void CollectSources(List<Value> sources)
    {
        Collect(Source, sources);
        Addend?.CollectSources(sources);
    }

    protected override string Describe() =>
        base.Describe() + (Clip is not null
            ? ", and from what lies within Clip's bounds"
            : HasMask ? ", and from its sign" : "");
}
