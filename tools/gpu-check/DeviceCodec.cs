using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck;

/// <summary>Packs and unpacks tensors of the host on the device: there, and back.</summary>
internal static unsafe class DeviceCodec
{
    public static void Pack(
        CudaDevice device, ElementType type, ReadOnlySpan<byte> x, Span<byte> packed, PackedLayout layout,
        in PackKey key)
    {
        using var source = device.Allocate(x.Length);
        using var target = device.Allocate(packed.Length);
        source.Write(x);
        CudaQuantizePack.Run(device.Stream, type, source.Address, target.Address, layout, key);
        target.Read(packed);
    }

    public static void Unpack(
        CudaDevice device, ElementType type, ReadOnlySpan<byte> packed, ReadOnlySpan<long> dims, Span<byte> y,
        UnpackOutput output) =>
        Unpack(device, type, packed, dims, BatchSlice.Whole, y, output);

    public static void Unpack(
        CudaDevice device, ElementType type, ReadOnlySpan<byte> packed, ReadOnlySpan<long> dims, BatchSlice slice,
        Span<byte> y, UnpackOutput output)
    {
        using var source = device.Allocate(packed.Length);
        using var target = device.Allocate(y.Length);
        source.Write(packed);
        CudaUnpackDequant.Run(device.Stream, type, source.Address, packed.Length, dims, slice, target.Address, output);
        target.Read(y);
    }
}
