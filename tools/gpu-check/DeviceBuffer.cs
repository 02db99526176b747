namespace OnnxActNN.GpuCheck;

/// <summary>Memory of a device.</summary>
internal sealed unsafe class DeviceBuffer(CudaDevice device, byte* address, long bytes) : IDisposable
{
    /// <summary>An address of the device, for kernels and copies only.</summary>
    public byte* Address => address;

    public long Bytes => bytes;

    public void Write(ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, bytes, nameof(source));
        if (source.Length > 0) device.CopyToDevice(address, source);
    }

    /// <summary>Waits for the device and copies what is there.</summary>
    public void Read(Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(target.Length, bytes, nameof(target));
        if (target.Length > 0)
            device.CopyToHost(target, address);
        else
            device.Synchronize();
    }

    public void Dispose() => device.Free(address);
}
