using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>How a forward value comes about in the backward pass.</summary>
/// <param name="Value">The value.</param>
internal abstract record Restoration(Value Value)
{
    /// <summary>Packed tensors that are read on the way.</summary>
    public abstract IEnumerable<Value> Sources { get; }
}
