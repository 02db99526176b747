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
    public IReadOnlyList<Value> Sources
    {
        get
        {
            var sources = new List<Value>();
            CollectSources(sources);
            return sources;
        }
    }

    /// <summary>Adds those sources that are not in a list yet, in the order of the paths.</summary>
    public abstract void CollectSources(List<Value> sources);

    public sealed override string ToString() => Describe();

    /// <summary>Adds one source.</summary>
    protected static void Collect(Value source, List<Value> sources)
    {
        if (!sources.Contains(source)) sources.Add(source);
    }

    /// <summary>A reason for people.</summary>
    protected virtual string Describe()
    {
        var sources = Sources;
        var others = sources.Count == 1 ? "" : $" and {sources.Count - 1} more";
        return $"computed again from '{sources[0]}'{others}";
    }
}
