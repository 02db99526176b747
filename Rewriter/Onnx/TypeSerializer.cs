using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>Type messages to <see cref="TensorType"/> and back.</summary>
internal static class TypeSerializer
{
    /// <summary>The tensor type of a declaration; null for sequences, maps, optionals and missing types.</summary>
    /// <remarks>
    /// A dimension the file leaves open gets the name <c>value_dAXIS</c>, so that it equals no other.
    /// </remarks>
    public static TensorType? Read(ValueInfoProto declaration)
    {
        if (declaration.Type?.TensorType is not { } tensor || tensor.ElemType == 0) return null;
        if (tensor.Shape is not { } shape) return new TensorType((DataType)tensor.ElemType, null);
        var dimensions = new Dimension[shape.Dim.Count];
        for (var axis = 0; axis < dimensions.Length; axis++)
            dimensions[axis] = Read(shape.Dim[axis], declaration.Name, axis);
        return new TensorType((DataType)tensor.ElemType, new Shape(dimensions));
    }

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

    private static Dimension Read(TensorShapeProto.Types.Dimension dimension, string value, int axis) =>
        dimension switch
        {
            { HasDimValue: true, DimValue: >= 0 } => Dimension.Of(dimension.DimValue),
            { HasDimParam: true, DimParam.Length: > 0 } => DimensionParser.Parse(dimension.DimParam),
            _ => Dimension.Named($"{value}_d{axis}"),
        };

    private static void Write(TensorShapeProto.Types.Dimension message, Dimension dimension)
    {
        if (dimension.Value is { } size) message.DimValue = size;
        else message.DimParam = dimension.ToString();
    }
}
