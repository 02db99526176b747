using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>Type messages to <see cref="TensorType"/> and back.</summary>
internal static class TypeSerializer
{
    /// <summary>The tensor type of a declaration; null for sequences, maps, optionals and missing types.</summary>
    /// <remarks>A dimension the file leaves open gets the name <c>value_dAXIS</c>, so that it equals no other.</remarks>
    public static TensorType? Read(ValueInfoProto declaration)
    {
        if (declaration.Type?.TensorType is not { } tensor || tensor.ElemType == 0) return null;
        if (tensor.Shape is not { } shape) return new TensorType((DataType)tensor.ElemType, null);
        var dimensions = shape.Dim.Select((dimension, axis) => Read(dimension, declaration.Name, axis));
        return new TensorType((DataType)tensor.ElemType, new Shape(dimensions));
    }

    /// <summary>The message of a type; denotations and fields unknown to us are those of the message it replaces.</summary>
    public static TypeProto Write(TensorType type, TypeProto? original = null)
    {
        var message = original?.Clone() ?? new TypeProto();
        var tensor = message.TensorType ?? new TypeProto.Types.Tensor();
        tensor.ElemType = (int)type.ElementType;
        var old = tensor.Shape?.Dim.ToList() ?? [];
        tensor.Shape = null;
        if (type.Shape is { } shape)
        {
            if (old.Count != shape.Rank) old = [.. shape.Select(_ => new TensorShapeProto.Types.Dimension())];
            tensor.Shape = new TensorShapeProto();
            tensor.Shape.Dim.AddRange(old.Zip(shape, Write));
        }
        message.TensorType = tensor;
        return message;
    }

    private static Dimension Read(TensorShapeProto.Types.Dimension dimension, string value, int axis) => dimension switch
    {
        { HasDimValue: true, DimValue: >= 0 } => Dimension.Of(dimension.DimValue),
        { HasDimParam: true, DimParam.Length: > 0 } => DimensionParser.Parse(dimension.DimParam),
        _ => Dimension.Named($"{value}_d{axis}"),
    };

    private static TensorShapeProto.Types.Dimension Write(TensorShapeProto.Types.Dimension message, Dimension dimension)
    {
        if (dimension.Value is { } size) message.DimValue = size;
        else message.DimParam = dimension.ToString();
        return message;
    }
}
