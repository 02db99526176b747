using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>Whether this machine has a CUDA driver, asked once per process.</summary>
internal static class CudaMachine
{
    private static readonly Lazy<(CudaKernels? Kernels, string Status)> Found =
        new(() => Find(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1"));

    /// <summary>The kernels for this machine's devices; null where there is no driver.</summary>
    public static CudaKernels? Kernels => Found.Value.Kernels;

    /// <summary>One sentence: that there is a driver, or why there is none.</summary>
    public static string Status => Found.Value.Status;

    /// <summary>Loads a driver; whatever is wrong with it is the sentence, never an exception.</summary>
    internal static (CudaKernels? Kernels, string Status) Find(string library)
    {
        if (!NativeLibrary.TryLoad(library, out var handle))
            return (null, $"{library} was not found: the operators run on the CPU only.");
        try
        {
            return (new CudaKernels(new CudaDriver(handle)), $"{library} was loaded: the operators run on CUDA too.");
        }
        catch (Exception error) when (error is EntryPointNotFoundException or OperatorException)
        {
            return (null, $"{library} cannot be used, so the operators run on the CPU only: {error.Message}");
        }
    }
}
