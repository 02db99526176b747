using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.CustomOps;

/// <summary>
/// Counters over all sessions of this process, for measurements and tests. Safe to read from any thread.
/// </summary>
/// <remarks>The operators of the shared library count in that library, out of reach of this class.</remarks>
public static class OperatorDiagnostics
{
    private static long _passThroughCopies;
    private static long _passThroughCopiedBytes;

    /// <summary>
    /// How often a pass-through output had a buffer of its own, so that its bytes were copied. 0 is the aim: it stays 0
    /// in sequential sessions on ONNX Runtime 1.18 and later; older releases and ExecutionMode.ORT_PARALLEL ignore the
    /// alias. Empty tensors do not count.
    /// </summary>
    public static long PassThroughCopies => Interlocked.Read(ref _passThroughCopies);

    /// <summary>
    /// Bytes of these copies: a loss that is itself passed through, and is a result of the graph, has four.
    /// </summary>
    public static long PassThroughCopiedBytes => Interlocked.Read(ref _passThroughCopiedBytes);

    /// <summary>
    /// One sentence about CUDA in this process: that the driver was loaded and the operators are registered for ONNX
    /// Runtime's CUDA provider too, or why they run on the CPU only. Looks for the driver if nothing has before.
    /// </summary>
    public static string Cuda => CudaMachine.Status;

    internal static void CountPassThroughCopy(long bytes)
    {
        Interlocked.Increment(ref _passThroughCopies);
        Interlocked.Add(ref _passThroughCopiedBytes, bytes);
    }
}
