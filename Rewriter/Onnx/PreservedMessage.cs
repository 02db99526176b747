using Google.Protobuf;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>A protobuf message kept for the writer, with the fields that the object model holds taken out.</summary>
internal sealed class PreservedMessage<T>(T message) : Preserved
    where T : IMessage<T>
{
    public T Message { get; } = message;
}
