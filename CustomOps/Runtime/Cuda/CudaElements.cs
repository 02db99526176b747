using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>How the kernels' names call the element types.</summary>
internal static class CudaElements
{
    public static string NameOf(ElementType type) => type switch
    {
        ElementType.Float32 => "float32",
        ElementType.Float16 => "float16",
        ElementType.BFloat16 => "bfloat16",
        ElementType.Float64 => "float64",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Only floating-point tensors can be packed."),
    };
}
