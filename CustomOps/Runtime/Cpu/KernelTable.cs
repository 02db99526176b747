using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.CustomOps.Cpu.Scalar;
using OnnxActNN.CustomOps.Cpu.Vector;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>From tier, element type and format to the kernel: the scalar one, or the vector one of the tier.</summary>
internal static class KernelTable
{
    public static GroupPacker Packer(KernelTier tier, ElementType type, PackFormat format) => type switch
    {
        ElementType.Float32 => Packer<Float32Element>(tier, format),
        ElementType.Float16 => Packer<Float16Element>(tier, format),
        ElementType.BFloat16 => Packer<BFloat16Element>(tier, format),
        ElementType.Float64 => Packer<Float64Element>(tier, format),
        _ => throw NotPackable(type),
    };

    public static GroupUnpacker Unpacker(KernelTier tier, ElementType type, PackFormat format, UnpackOutput output) =>
        type switch
        {
            ElementType.Float32 => Unpacker<Float32Element>(tier, format, output),
            ElementType.Float16 => Unpacker<Float16Element>(tier, format, output),
            ElementType.BFloat16 => Unpacker<BFloat16Element>(tier, format, output),
            ElementType.Float64 => Unpacker<Float64Element>(tier, format, output),
            _ => throw NotPackable(type),
        };

    private static GroupPacker Packer<TElement>(KernelTier tier, PackFormat format)
        where TElement : struct, IScalarElement, IVectorElement
    {
        var scalar = new ScalarPacker<TElement>(format);
        if (KernelTiers.HasVectors && tier != KernelTier.Scalar)
            return VectorKernels<TElement>.Packer(tier, format, scalar);
        return scalar;
    }

    private static GroupUnpacker Unpacker<TElement>(KernelTier tier, PackFormat format, UnpackOutput output)
        where TElement : struct, IScalarElement, IVectorElement
    {
        if (KernelTiers.HasVectors && tier != KernelTier.Scalar)
            return VectorKernels<TElement>.Unpacker(tier, format, output);
        return new ScalarUnpacker<TElement>(format, output);
    }

    private static ArgumentOutOfRangeException NotPackable(ElementType type) =>
        new(nameof(type), type, "Only floating-point tensors can be packed.");
}
