using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>Tables of numbers that kernels read, copied once to each context and kept as long as the process.</summary>
internal sealed class CudaTables(CudaDriver driver)
{
    private readonly ConcurrentDictionary<(nint Context, float[] Table), Lazy<nint>> _addresses = [];

    /// <summary>A table's address on the device.</summary>
    /// <param name="table">The numbers; told apart by reference.</param>
    /// <param name="stream">Where it will be read.</param>
    public nint Get(float[] table, nint stream) =>
        _addresses.GetOrAdd((driver.ContextFor(stream), table), _ => new Lazy<nint>(() => Copy(table, stream))).Value;

    /// <summary>
    /// On the stream itself, and awaited: other streams will read it too, and need not wait for a copy on the default
    /// one.
    /// </summary>
    private nint Copy(float[] table, nint stream)
    {
        var address = driver.AllocateOnDevice((long)table.Length * sizeof(float));
        driver.CopyToDevice(address, MemoryMarshal.AsBytes(table.AsSpan()), stream);
        driver.Synchronize(stream);
        return address;
    }
}
