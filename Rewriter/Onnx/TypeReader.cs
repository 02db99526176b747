using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx.Proto;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>Reads types; the mirror of <see cref="TypeWriter"/>.</summary>
/// <remarks>
/// A model has thousands of values of a few types. Each type is one object for all of them, and so is each named
/// dimension: to compare two is then to compare references, and a walk over the values stays within the cache.
/// </remarks>
internal sealed class TypeReader
{
    private readonly Dictionary<string, Dimension> _dimensions = [];
    private readonly Dictionary<TensorType, TensorType> _types = [];

    /// <summary>The tensor type of a declaration; null for sequences, maps, optionals and missing types.</summary>
    /// <remarks>
    /// A dimension the file leaves open gets the name <c>value_dAXIS</c>, so that it equals no other.
    /// </remarks>
    public TensorType? Read(ValueInfoProto declaration)
    {
        if (declaration.Type?.TensorType is not { } tensor || tensor.ElemType == 0) return null;
        if (tensor.Shape is not { } shape) return One(new TensorType((DataType)tensor.ElemType, null));
        var dimensions = new Dimension[shape.Dim.Count];
        for (var axis = 0; axis < dimensions.Length; axis++)
            dimensions[axis] = Read(shape.Dim[axis], declaration.Name, axis);
        return One(new TensorType((DataType)tensor.ElemType, new Shape(dimensions)));
    }

    private Dimension Read(TensorShapeProto.Types.Dimension dimension, string value, int axis) =>
        dimension switch
        {
            { HasDimValue: true, DimValue: >= 0 } => Dimension.Of(dimension.DimValue),
            { HasDimParam: true, DimParam.Length: > 0 } => Named(dimension.DimParam),
            _ => Dimension.Named($"{value}_d{axis}"),
        };

    private Dimension Named(string text)
    {
        if (_dimensions.TryGetValue(text, out var known)) return known;
        var dimension = DimensionParser.Parse(text);
        _dimensions.Add(text, dimension);
        return dimension;
    }

    private TensorType One(TensorType type)
    {
        if (_types.TryGetValue(type, out var known)) return known;
        _types.Add(type, type);
        return type;
    }
}
