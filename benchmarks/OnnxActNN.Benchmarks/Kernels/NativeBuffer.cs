using System.Runtime.InteropServices;

namespace OnnxActNN.Benchmarks.Kernels;

/// <summary>Memory outside the collected heap, aligned to a cache line, every page touched.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int CacheLine = 64;

    public NativeBuffer(long bytes)
    {
        Bytes = bytes;
        Pointer = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, CacheLine);
        NativeMemory.Clear(Pointer, (nuint)bytes);
    }

    public long Bytes { get; }

    public byte* Pointer { get; }

    public void Dispose() => NativeMemory.AlignedFree(Pointer);
}
