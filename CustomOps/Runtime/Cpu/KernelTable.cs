using OnnxActNN.CustomOps.Cpu.Scalar;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>From tier, element type and format to the kernel.</summary>
internal static class KernelTable
{
    public static GroupPacker Packer(KernelTier tier, ElementType type, PackFormat format) => type switch
    {
        ElementType.Float32 => new ScalarPacker<Float32Scalar>(format.Width, format.ZeroExact),
        ElementType.Float16 => new ScalarPacker<Float16Scalar>(format.Width, format.ZeroExact),
        ElementType.BFloat16 => new ScalarPacker<BFloat16Scalar>(format.Width, format.ZeroExact),
        ElementType.Float64 => new ScalarPacker<Float64Scalar>(format.Width, format.ZeroExact),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Only floating-point tensors can be packed."),
    };

    public static GroupUnpacker Unpacker(KernelTier tier, ElementType type, PackFormat format, UnpackOutput output) =>
        type switch
        {
            ElementType.Float32 => new ScalarUnpacker<Float32Scalar>(format, output),
            ElementType.Float16 => new ScalarUnpacker<Float16Scalar>(format, output),
            ElementType.BFloat16 => new ScalarUnpacker<BFloat16Scalar>(format, output),
            ElementType.Float64 => new ScalarUnpacker<Float64Scalar>(format, output),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Only floating-point tensors can be packed."),
        };
}
