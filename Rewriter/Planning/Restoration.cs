using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>How a forward value comes about in the backward pass.</summary>
/// <param name="Value">The value.</param>
internal abstract record Restoration(Value Value)
{
    /// <summary>The ways of noise into it, one for each packed tensor that is read.</summary>
    public abstract IEnumerable<NoisePath> Paths { get; }

    /// <summary>Packed tensors that are read on the way.</summary>
    public IEnumerable<Value> Sources => Paths.Select(path => path.Source).Distinct();

    public sealed override string ToString() => Describe();

    /// <summary>A reason for people.</summary>
    protected virtual string Describe()
    {
        var sources = Sources.ToList();
        var others = sources.Count == 1 ? "" : $" and {sources.Count - 1} more";
        return $"computed again from '{sources[0]}'{others}";
    }
}
