using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// A value that is mask · (normalization's result + addend), or the same without one or both: linear in the normalization's packed
/// input, so an unbiased code of that input leaves it unbiased.
/// </summary>
/// <param name="Value">The value.</param>
/// <param name="Source">The packed input of the normalization.</param>
/// <param name="Normalization">The forward batch normalization.</param>
/// <param name="HasMask">Whether the value is a result of Relu.</param>
/// <param name="Addend">The other summand; null where there is none.</param>
internal sealed record NormalizedTensor(Value Value, Value Source, Node Normalization, bool HasMask, Restoration? Addend)
    : Restoration(Value)
{
    public override IEnumerable<NoisePath> Paths
    {
        get
        {
            Value[] masks = HasMask ? [Value] : [];
            var behind = Addend?.Paths ?? [];
            return [new NoisePath(Source, Normalization.Input(1), masks), .. behind.Select(path => path with { Masks = [.. masks, .. path.Masks] })];
        }
    }

    public override string ToString()
    {
        var others = Sources.Count() - 1;
        var from = others == 0 ? $"'{Source}'" : $"'{Source}' and {others} more";
        return $"computed again from {from}{(HasMask ? ", and from its sign" : "")}";
    }
}
