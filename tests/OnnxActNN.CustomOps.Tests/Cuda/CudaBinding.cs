using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using OnnxActNN.GpuCheck;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>The CUDA kernels, through the host's code, on the emulated driver.</summary>
internal sealed unsafe class CudaBinding : KernelBinding
{
    private delegate void Launch(CudaStream stream, ReadOnlySpan<nint> sources, nint target);

    public override void Pack(
        ElementType type, void* x, byte* packed, PackedLayout layout, in PackKey key, IParallelLoop loop)
    {
        var source = new ReadOnlySpan<byte>(x, (int)layout.ElementCount * ElementTypes.SizeOf(type));
        DeviceCodec.Pack(
            EmulatedCuda.Device, type, source, new Span<byte>(packed, (int)layout.TotalBytes), layout, key);
    }

    public override void Unpack(
        ElementType type, byte* packed, long packedBytes, long[] dims, BatchSlice slice, void* y, UnpackOutput output,
        IParallelLoop loop)
    {
        DeviceCodec.Unpack(
            EmulatedCuda.Device, type, new ReadOnlySpan<byte>(packed, (int)packedBytes), dims, slice,
            new Span<byte>(y, TestTensor.CountOf(slice.DimensionsOf(dims)) * ElementTypes.SizeOf(type)), output);
    }

    public override void PackMask(
        ElementType type, void* x, long count, in KeyRange range, byte* packed, IParallelLoop loop)
    {
        var (size, test) = (ElementTypes.SizeOf(type), range);
        Run(
            packed, MaskFormat.BytesOf(count),
            (stream, sources, target) => CudaMasks.Pack(stream, size, (void*)sources[0], count, test, (byte*)target),
            new HostBytes(x, count * size));
    }

    public override void PackBoolMask(void* x, long count, byte* packed) => Run(
        packed, MaskFormat.BytesOf(count),
        (stream, sources, target) => CudaMasks.Pack(stream, 1, (void*)sources[0], count, KeyRange.Bool, (byte*)target),
        new HostBytes(x, count));

    public override void UnpackMask(byte* packed, long packedBytes, byte* y, long count) => Run(
        y, count,
        (stream, sources, target) => CudaMasks.Unpack(stream, (byte*)sources[0], packedBytes, (byte*)target, count),
        new HostBytes(packed, packedBytes));

    public override void KeepOrZero(
        ElementType type, void* dY, long count, byte* packed, long packedBytes, void* dX, IParallelLoop loop) => Run(
        dX, count * ElementTypes.SizeOf(type),
        (stream, sources, target) => CudaMasks.KeepOrZero(
            stream, type, (void*)sources[0], count, (byte*)sources[1], packedBytes, (void*)target),
        new HostBytes(dY, count * ElementTypes.SizeOf(type)), new HostBytes(packed, packedBytes));

    public override void Scale(
        ElementType type, void* dY, long count, byte* packed, long packedBytes, MaskFactors<float> factors, void* dX) =>
        Run(
        dX, count * ElementTypes.SizeOf(type),
        (stream, sources, target) => CudaMasks.Scale(
            stream, type, (void*)sources[0], count, (byte*)sources[1], packedBytes, factors, (void*)target),
        new HostBytes(dY, count * ElementTypes.SizeOf(type)), new HostBytes(packed, packedBytes));

    public override void ReluGradientFromCodes(
        ElementType type, void* dY, long[] dims, byte* packed, long packedBytes, void* dX) => Run(
        dX, TestTensor.CountOf(dims) * ElementTypes.SizeOf(type),
        (stream, sources, target) => CudaUnpackDequant.ReluGradient(
            stream, type, (void*)sources[0], dims, (byte*)sources[1], packedBytes, (void*)target),
        new HostBytes(dY, TestTensor.CountOf(dims) * ElementTypes.SizeOf(type)), new HostBytes(packed, packedBytes));

    /// <summary>Copies the sources to the device, launches, and copies the target back.</summary>
    private static void Run(void* target, long targetBytes, Launch launch, params ReadOnlySpan<HostBytes> sources)
    {
        var device = EmulatedCuda.Device;
        var buffers = new List<DeviceBuffer>();
        var addresses = new List<nint>();
        foreach (var source in sources)
        {
            var buffer = device.Allocate(source.Count);
            buffer.Write(new ReadOnlySpan<byte>(source.Data, (int)source.Count));
            buffers.Add(buffer);
            addresses.Add((nint)buffer.Address);
        }
        using var result = device.Allocate(targetBytes);
        launch(device.Stream, [.. addresses], (nint)result.Address);
        result.Read(new Span<byte>(target, (int)targetBytes));
        buffers.ForEach(buffer => buffer.Dispose());
    }

    /// <summary>Bytes in the host's memory.</summary>
    private readonly struct HostBytes(void* data, long count)
    {
        public void* Data => data;

        public long Count => count;
    }
}
