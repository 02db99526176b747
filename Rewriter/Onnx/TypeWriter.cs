using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>Writes types; the mirror of <see cref="TypeReader"/>.</summary>
internal static class TypeWriter
{
    /// <summary>Writes a type into a message; denotations and fields unknown to us stay as they stand there.</summary>
    public static void Write(TensorType type, TypeProto message)
    {
        var tensor = message.TensorType ??= new TypeProto.Types.Tensor();
        tensor.ElemType = (int)type.ElementType;
        if (type.Shape is not { } shape)
        {
            tensor.Shape = null;
            return;
        }
        var target = tensor.Shape ??= new TensorShapeProto();
        if (target.Dim.Count != shape.Rank)
        {
            target.Dim.Clear();
            foreach (var _ in shape) target.Dim.Add(new TensorShapeProto.Types.Dimension());
        }
        for (var axis = 0; axis < shape.Rank; axis++) Write(target.Dim[axis], shape[axis]);
    }

    private static void Write(TensorShapeProto.Types.Dimension message, Dimension dimension)
    {
        if (dimension.Value is { } size) message.DimValue = size;
        else message.DimParam = dimension.ToString();
    }
}
