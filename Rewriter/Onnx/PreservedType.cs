using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>
/// A declaration as the file has it, with the type that was read from it: the writer sees whether a pass changed it.
/// </summary>
internal sealed class PreservedType(ValueInfoProto message, TensorType? type) : Preserved
{
    public ValueInfoProto Message { get; } = message;

    public TensorType? Type { get; } = type;
}
