using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// One implementation of the kernels, on tensors in the host's memory; what the contract is tested on.
/// </summary>
internal abstract unsafe class KernelBinding
{
    public static implicit operator KernelBinding(KernelTier tier) => new TierBinding(tier);

    public abstract void Pack(
        ElementType type, void* x, byte* packed, PackedLayout layout, in PackKey key, IParallelLoop loop);

    public void Unpack(
        ElementType type, byte* packed, long packedBytes, long[] dims, void* y, UnpackOutput output,
        IParallelLoop loop) =>
        Unpack(type, packed, packedBytes, dims, BatchSlice.Whole, y, output, loop);

    public abstract void Unpack(
        ElementType type, byte* packed, long packedBytes, long[] dims, BatchSlice slice, void* y, UnpackOutput output,
        IParallelLoop loop);

    public abstract void PackMask(
        ElementType type, void* x, long count, in KeyRange range, byte* packed, IParallelLoop loop);

    public abstract void PackBoolMask(void* x, long count, byte* packed);

    public abstract void UnpackMask(byte* packed, long packedBytes, byte* y, long count);

    public abstract void KeepOrZero(
        ElementType type, void* dY, long count, byte* packed, long packedBytes, void* dX, IParallelLoop loop);

    public abstract void Scale(
        ElementType type, void* dY, long count, byte* packed, long packedBytes, MaskFactors<float> factors, void* dX);

    public abstract void ReluGradientFromCodes(
        ElementType type, void* dY, long[] dims, byte* packed, long packedBytes, void* dX);

    /// <summary>The kernels of a tier of the CPU.</summary>
    private sealed class TierBinding(KernelTier tier) : KernelBinding
    {
        public override void Pack(
            ElementType type, void* x, byte* packed, PackedLayout layout, in PackKey key, IParallelLoop loop) =>
            QuantizePack.Run(tier, type, x, packed, layout, key, loop);

        public override void Unpack(
            ElementType type, byte* packed, long packedBytes, long[] dims, BatchSlice slice, void* y,
            UnpackOutput output,
            IParallelLoop loop) => UnpackDequant.Run(tier, type, packed, packedBytes, dims, slice, y, output, loop);

        public override void PackMask(
            ElementType type, void* x, long count, in KeyRange range, byte* packed, IParallelLoop loop) =>
            MaskPack.Run(tier, type, x, count, range, packed, loop);

        public override void PackBoolMask(void* x, long count, byte* packed) =>
            MaskPack.RunBool(tier, x, count, packed, SerialLoop.Instance);

        public override void UnpackMask(byte* packed, long packedBytes, byte* y, long count) =>
            MaskUnpack.Run(packed, packedBytes, y, count, SerialLoop.Instance);

        public override void KeepOrZero(
            ElementType type, void* dY, long count, byte* packed, long packedBytes, void* dX, IParallelLoop loop) =>
            MaskGradient.KeepOrZero(tier, type, dY, count, packed, packedBytes, dX, loop);

        public override void Scale(
            ElementType type, void* dY, long count, byte* packed, long packedBytes, MaskFactors<float> factors,
            void* dX) =>
            MaskGradient.Scale(tier, type, dY, count, packed, packedBytes, factors, dX, SerialLoop.Instance);

        public override void ReluGradientFromCodes(
            ElementType type, void* dY, long[] dims, byte* packed, long packedBytes, void* dX) =>
            ReluGradFromCodes.Run(tier, type, dY, dims, packed, packedBytes, dX, SerialLoop.Instance);
    }
}
