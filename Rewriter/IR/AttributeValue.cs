using System.Text;

namespace OnnxActNN.Rewriter.IR;

/// <summary>The value of a node attribute.</summary>
internal abstract record AttributeValue
{
    private AttributeValue()
    {
    }

    public sealed record Int(long Value) : AttributeValue;

    public sealed record Float(float Value) : AttributeValue;

    /// <summary>Bytes, by convention UTF-8 text.</summary>
    public sealed record Bytes(ReadOnlyMemory<byte> Value) : AttributeValue
    {
        public Bytes(string text)
            : this(Encoding.UTF8.GetBytes(text))
        {
        }

        public string Text => Encoding.UTF8.GetString(Value.Span);
    }

    public sealed record Ints(IReadOnlyList<long> Values) : AttributeValue;

    public sealed record Floats(IReadOnlyList<float> Values) : AttributeValue;

    public sealed record Tensor(TensorData Value) : AttributeValue;

    public sealed record Subgraph(Graph Value) : AttributeValue;

    public sealed record Subgraphs(IReadOnlyList<Graph> Values) : AttributeValue;

    /// <summary>
    /// A kind that no pass reads (strings, sparse tensors, types, references to function attributes).
    /// </summary>
    public sealed record Opaque : AttributeValue;
}
