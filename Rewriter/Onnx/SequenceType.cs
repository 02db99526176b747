using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>
/// Declarations of sequences of tensors, which the object model carries along without words of its own.
/// </summary>
internal static class SequenceType
{
    /// <summary>
    /// A declaration for <see cref="Graph.AddValue"/>: <paramref name="name"/> is a sequence of tensors of any shape.
    /// </summary>
    public static Preserved Declare(string name, DataType elementType)
    {
        var element = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)elementType } };
        var type = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = element } };
        return new PreservedType(new ValueInfoProto { Name = name, Type = type }, type: null);
    }
}
