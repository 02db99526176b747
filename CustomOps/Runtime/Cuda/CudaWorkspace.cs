using System.Numerics;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// Memory for what the kernels of one operator tell each other. What is put on a stream runs in order, so one block
/// serves all operators of it, one after the other. It grows to what the largest needs, and stays as long as the
/// process; so do the blocks that it has outgrown, whose kernels may not be done, and which together are smaller.
/// </summary>
internal sealed class CudaWorkspace(CudaDriver driver)
{
    private readonly Lock _lock = new();
    private nint _address;
    private long _bytes;

    /// <summary>Takes the block, until all kernels that use it are on the stream.</summary>
    public Lease Take(long bytes)
    {
        var scope = _lock.EnterScope();
        if (bytes > _bytes)
        {
            var rounded = (long)BitOperations.RoundUpToPowerOf2((ulong)bytes);
            (_address, _bytes) = (driver.AllocateOnDevice(rounded), rounded);
        }
        return new Lease(_address, scope);
    }

    /// <summary>The block, while no other thread may take it.</summary>
    public readonly ref struct Lease(nint address, Lock.Scope scope)
    {
        private readonly Lock.Scope _scope = scope;

        public nint Address => address;

        public void Dispose() => _scope.Dispose();
    }
}
