namespace OnnxActNN.CustomOps.Cuda;

/// <summary>Sums of float32 tensors on a CUDA device: the same bits as <see cref="Cpu.Sums.Addition"/>.</summary>
internal static unsafe class CudaSums
{
    private const uint Threads = 256;
    private const long BlockElements = 4 * Threads;

    /// <summary>Puts c = a + b on a stream; c may be a or b.</summary>
    public static void Add(CudaStream stream, void* a, void* b, void* c, long count)
    {
        if (count == 0) return;
        stream.Launch(
            "sums", "add_in_place", (count - 1) / BlockElements + 1, Threads, new SumArguments(count), (nint)a, (nint)b, (nint)c);
    }
}
