using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>A graph without nodes, inputs, outputs and initializers. Its value_info stays: that list's order is the file's own.</summary>
internal sealed class PreservedGraph(GraphProto message, IReadOnlySet<string> orphans) : Preserved
{
    public GraphProto Message { get; } = message;

    /// <summary>Names that value_info declares and no node, input or initializer defines; written back as they are.</summary>
    public IReadOnlySet<string> Orphans { get; } = orphans;
}
