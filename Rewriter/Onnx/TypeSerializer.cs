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

    public static TypeProto Write(TensorType type)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type.ElementType };
        if (type.Shape is { } shape)
        {
            tensor.Shape = new TensorShapeProto();
            foreach (var dimension in shape) tensor.Shape.Dim.Add(Write(dimension));
        }
        return new TypeProto { TensorType = tensor };
    }

    private static Dimension Read(TensorShapeProto.Types.Dimension dimension, string value, int axis) => dimension switch
    {
        { HasDimValue: true, DimValue: >= 0 } => Dimension.Of(dimension.DimValue),
        { HasDimParam: true, DimParam.Length: > 0 } => DimensionParser.Parse(dimension.DimParam),
        _ => Dimension.Named($"{value}_d{axis}"),
    };

    private static TensorShapeProto.Types.Dimension Write(Dimension dimension) => dimension.Value is { } size
        ? new TensorShapeProto.Types.Dimension { DimValue = size }
        : new TensorShapeProto.Types.Dimension { DimParam = dimension.ToString() };
}
