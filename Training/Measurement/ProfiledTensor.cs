namespace OnnxActNN.Training.Measurement;

/// <summary>A tensor as a profile shows it.</summary>
/// <param name="ElementType">ONNX Runtime's name of the element type, such as <c>float</c> or <c>int64</c>.</param>
/// <param name="Sizes">Sizes, outermost first.</param>
internal sealed record ProfiledTensor(string ElementType, IReadOnlyList<long> Sizes)
{
    /// <summary>Bytes of the elements; 0 for types that ONNX Runtime does not name.</summary>
    public long Bytes => Sizes.Aggregate((long)BytesPerElement, (product, size) => checked(product * size));

    private int BytesPerElement => ElementType switch
    {
        "bool" or "int8" or "uint8" => 1,
        "float16" or "bfloat16" or "int16" or "uint16" => 2,
        "float" or "int32" or "uint32" => 4,
        "double" or "int64" or "uint64" => 8,
        _ => 0,
    };
}
