using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>One implementation of the kernels, on tensors in the host's memory; what the contract is tested on.</summary>
internal abstract unsafe class KernelBinding
{
    public static implicit operator KernelBinding(KernelTier tier) => new TierBinding(tier);

    public abstract void Pack(
        ElementType type, void* x, byte* packed, PackedLayout layout, in PackKey key, IParallelLoop loop);

    public abstract void Unpack(
        ElementType type, byte* packed, long packedBytes, long[] dims, void* y, UnpackOutput output, IParallelLoop loop);

    /// <summary>The kernels of a tier of the CPU.</summary>
    private sealed class TierBinding(KernelTier tier) : KernelBinding
    {
        public override void Pack(
            ElementType type, void* x, byte* packed, PackedLayout layout, in PackKey key, IParallelLoop loop) =>
            QuantizePack.Run(tier, type, x, packed, layout, key, loop);

        public override void Unpack(
            ElementType type, byte* packed, long packedBytes, long[] dims, void* y, UnpackOutput output, IParallelLoop loop) =>
            UnpackDequant.Run(tier, type, packed, packedBytes, dims, y, output, loop);
    }
}
