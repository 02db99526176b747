using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// Memory of the host that a device writes to under the same address, as all 64-bit systems with a driver from CUDA 4
/// on have it.
/// </summary>
internal sealed unsafe class CudaHostBuffer(CudaDriver driver, long bytes) : IDisposable
{
    public nint Address { get; } = driver.AllocateOnHost(bytes);

    /// <summary>Reads from the start on; the device must be done.</summary>
    public void CopyTo<T>(Span<T> target)
        where T : unmanaged
    {
        var source = MemoryMarshal.Cast<byte, T>(new ReadOnlySpan<byte>((void*)Address, checked((int)bytes)));
        source[..target.Length].CopyTo(target);
    }

    public void Dispose() => driver.FreeOnHost(Address);
}
