using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using OnnxActNN.GpuCheck;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>The CUDA kernels, through the host's code, on the emulated driver.</summary>
internal sealed unsafe class CudaBinding : KernelBinding
{
    public override void Pack(
        ElementType type, void* x, byte* packed, PackedLayout layout, in PackKey key, IParallelLoop loop)
    {
        var source = new ReadOnlySpan<byte>(x, (int)layout.ElementCount * ElementTypes.SizeOf(type));
        DeviceCodec.Pack(EmulatedCuda.Device, type, source, new Span<byte>(packed, (int)layout.TotalBytes), layout, key);
    }

    public override void Unpack(
        ElementType type, byte* packed, long packedBytes, long[] dims, void* y, UnpackOutput output, IParallelLoop loop)
    {
        var elements = dims.Aggregate(1L, (product, dim) => product * dim);
        DeviceCodec.Unpack(
            EmulatedCuda.Device, type, new ReadOnlySpan<byte>(packed, (int)packedBytes), dims,
            new Span<byte>(y, (int)elements * ElementTypes.SizeOf(type)), output);
    }
}
