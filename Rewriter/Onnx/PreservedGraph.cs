using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>
/// A graph without nodes, inputs, outputs, initializers and value_info, whose lists are kept in the file's own order.
/// </summary>
internal sealed class PreservedGraph(
    GraphProto message,
    IReadOnlyList<ValueInfoProto> valueInfo,
    IReadOnlySet<string> orphans,
    IReadOnlyList<ValueInfoProto> outputs) : Preserved
{
    public GraphProto Message { get; } = message;

    /// <summary>The declarations of inner values.</summary>
    public IReadOnlyList<ValueInfoProto> ValueInfo { get; } = valueInfo;

    /// <summary>
    /// Names that value_info declares and no node, input or initializer defines; written back as they are.
    /// </summary>
    public IReadOnlySet<string> Orphans { get; } = orphans;

    /// <summary>The declarations of the outputs: an output may be declared elsewhere as well, in other words.</summary>
    public IReadOnlyList<ValueInfoProto> Outputs { get; } = outputs;
}
