using System.Runtime.Intrinsics;
using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.CustomOps.Cpu.Scalar;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// The vector kernels of one element type: each choice becomes a type argument, so kernels have no branches.
/// </summary>
internal static class VectorKernels<TElement>
    where TElement : struct, IScalarElement, IVectorElement
{
    public static GroupPacker Packer(KernelTier tier, PackFormat format, ScalarPacker<TElement> scalar) => tier switch
    {
        KernelTier.Avx512 => Packer<Avx512Lanes, Vector512<uint>>(format, scalar),
        KernelTier.Avx2 => Packer<Avx2Lanes, Vector256<uint>>(format, scalar),
        KernelTier.Vector128 => Packer<Vector128Lanes, Vector128<uint>>(format, scalar),
        _ => throw new ArgumentOutOfRangeException(nameof(tier), tier, "Not a vector tier."),
    };

    public static GroupUnpacker Unpacker(KernelTier tier, PackFormat format, UnpackOutput output) => tier switch
    {
        KernelTier.Avx512 => Unpacker<Avx512Lanes, Vector512<uint>>(format, output),
        KernelTier.Avx2 => Unpacker<Avx2Lanes, Vector256<uint>>(format, output),
        KernelTier.Vector128 => Unpacker<Vector128Lanes, Vector128<uint>>(format, output),
        _ => throw new ArgumentOutOfRangeException(nameof(tier), tier, "Not a vector tier."),
    };

    private static GroupPacker Packer<TLanes, TVector>(PackFormat format, ScalarPacker<TElement> scalar)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => format.Width switch
        {
            CodeWidth.OneBit => Packer<TLanes, TVector, OneBitWidth>(format, scalar),
            CodeWidth.TwoBits => Packer<TLanes, TVector, TwoBitWidth>(format, scalar),
            CodeWidth.ThreeBits => Packer<TLanes, TVector, ThreeBitWidth>(format, scalar),
            CodeWidth.FourBits => Packer<TLanes, TVector, FourBitWidth>(format, scalar),
            CodeWidth.EightBits => Packer<TLanes, TVector, EightBitWidth>(format, scalar),
            CodeWidth.ThreeLevels => Packer<TLanes, TVector, ThreeLevelWidth>(format, scalar),
            _ => throw UnknownWidth(format),
        };

    private static GroupPacker Packer<TLanes, TVector, TWidth>(PackFormat format, ScalarPacker<TElement> scalar)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TWidth : struct, IVectorWidth =>
        (format.ZeroExact, format.Grid) switch
        {
            (_, CodeGrid.Squared) =>
                new VectorPacker<TLanes, TVector, TElement, TWidth, SquaredGrid>(scalar, format.Width),
            (true, _) => new VectorPacker<TLanes, TVector, TElement, TWidth, ZeroExactGrid>(scalar, format.Width),
            _ => new VectorPacker<TLanes, TVector, TElement, TWidth, UniformGrid>(scalar, format.Width),
        };

    private static GroupUnpacker Unpacker<TLanes, TVector>(PackFormat format, UnpackOutput output)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct => format.Width switch
        {
            CodeWidth.OneBit => Unpacker<TLanes, TVector, OneBitWidth>(format, output),
            CodeWidth.TwoBits => Unpacker<TLanes, TVector, TwoBitWidth>(format, output),
            CodeWidth.ThreeBits => Unpacker<TLanes, TVector, ThreeBitWidth>(format, output),
            CodeWidth.FourBits => Unpacker<TLanes, TVector, FourBitWidth>(format, output),
            CodeWidth.EightBits => Unpacker<TLanes, TVector, EightBitWidth>(format, output),
            CodeWidth.ThreeLevels => Unpacker<TLanes, TVector, ThreeLevelWidth>(format, output),
            _ => throw UnknownWidth(format),
        };

    private static GroupUnpacker Unpacker<TLanes, TVector, TWidth>(PackFormat format, UnpackOutput output)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TWidth : struct, IVectorWidth =>
        (output, format.Grid, format.Rounding, format.ZeroExact) switch
        {
            (UnpackOutput.Nonzero, _, _, _) =>
                new VectorUnpacker<TLanes, TVector, TElement, TWidth, Off, Off, On, Off>(),
            (_, CodeGrid.Squared, _, _) => new VectorUnpacker<TLanes, TVector, TElement, TWidth, Off, Off, Off, On>(),
            (_, _, RoundingMode.Dither, true) =>
                new VectorUnpacker<TLanes, TVector, TElement, TWidth, On, On, Off, Off>(),
            (_, _, RoundingMode.Dither, false) =>
                new VectorUnpacker<TLanes, TVector, TElement, TWidth, On, Off, Off, Off>(),
            (_, _, _, true) => new VectorUnpacker<TLanes, TVector, TElement, TWidth, Off, On, Off, Off>(),
            _ => new VectorUnpacker<TLanes, TVector, TElement, TWidth, Off, Off, Off, Off>(),
        };

    private static ArgumentOutOfRangeException UnknownWidth(PackFormat format) =>
        new(nameof(format), format.Width, "Unknown code width.");
}
