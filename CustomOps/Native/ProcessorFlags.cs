namespace OnnxActNN.Native;

/// <summary>What processor and operating system together allow, as Linux lists it in /proc/cpuinfo.</summary>
/// <remarks>The compiled-in checks of this build cannot tell: they answer for the build, not for the machine.</remarks>
internal static class ProcessorFlags
{
    // The instruction sets of the x86-64 levels 3 and 4, which the wider builds are compiled for.
    private static readonly string[] Level3 = ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe"];
    private static readonly string[] Level4 = [.. Level3, "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"];

    private static readonly HashSet<string> Flags = Read();

    public static bool HasAvx2 => Flags.IsSupersetOf(Level3);

    public static bool HasAvx512 => Flags.IsSupersetOf(Level4);

    /// <summary>The first processor's flags; none where the list cannot be read.</summary>
    private static HashSet<string> Read()
    {
        try
        {
            var lines = File.ReadLines("/proc/cpuinfo");
            var line = lines.FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal));
            return [.. (line ?? "").Split(' ')];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
