namespace OnnxActNN.Format;

/// <summary>Element types that the operators take. The values are ONNX's <c>TensorProto.DataType</c> numbers.</summary>
public enum ElementType
{
    /// <summary>IEEE binary32.</summary>
    Float32 = 1,

    /// <summary>IEEE binary16.</summary>
    Float16 = 10,

    /// <summary>IEEE binary64. Values are rounded to binary32 before they are encoded.</summary>
    Float64 = 11,

    /// <summary>The upper half of IEEE binary32.</summary>
    BFloat16 = 16,
}
