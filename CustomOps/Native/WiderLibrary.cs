using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace OnnxActNN.Native;

/// <summary>The build of this library for the processor at hand.</summary>
/// <remarks>
/// Ahead-of-time code has its instruction sets fixed when it is compiled. On x64 Linux the library therefore comes in
/// three builds: libonnxactnn.so, which runs everywhere, and beside it libonnxactnn.avx2.so and libonnxactnn.avx512.so,
/// to which it hands over. Where these are missing it does the work itself, with the same results, slower.
/// </remarks>
internal static class WiderLibrary
{
    /// <summary>Address of the wider build's function RegisterCustomOps; 0 where this build is the right one.</summary>
    public static nint RegisterCustomOps { get; } = Find();

    private static nint Find()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture != Architecture.X64) return 0;
        if (Avx512BW.IsSupported) return 0;
        if (ProcessorFlags.HasAvx512 && TryLoad("avx512", out var function)) return function;
        if (Avx2.IsSupported) return 0;
        return ProcessorFlags.HasAvx2 && TryLoad("avx2", out function) ? function : 0;
    }

    private static bool TryLoad(string build, out nint function)
    {
        function = 0;
        if (LibraryFile.Folder is not { } folder) return false;
        var path = Path.Combine(folder, $"libonnxactnn.{build}.so");
        if (!File.Exists(path)) return false;
        function = NativeLibrary.GetExport(NativeLibrary.Load(path), nameof(OperatorLibrary.RegisterCustomOps));
        return true;
    }
}
