using OnnxActNN.CustomOps.Cpu.Sums;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>Sums of float32 tensors on a CUDA device: the same bits as <see cref="Addition"/>.</summary>
internal static unsafe class CudaSums
{
    private const uint Threads = 256;
    private const long BlockElements = 4 * Threads;

    /// <summary>Puts c = a + b on a stream; c may be a or b.</summary>
    public static void Add(CudaStream stream, void* a, void* b, void* c, long count) =>
        Add(stream, a, b, c, SumLayout.Whole(count));

    /// <summary>Puts the sum of a and channels of b on a stream; c may be a.</summary>
    public static void Add(CudaStream stream, void* a, void* b, void* c, SumLayout layout)
    {
        if (layout.Count == 0) return;
        stream.Launch(
            "sums", "add_in_place", (layout.Count - 1) / BlockElements + 1, Threads, new SumArguments(layout),
            (nint)a, (nint)b, (nint)c);
    }
}
