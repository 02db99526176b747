using System.Globalization;
using System.Runtime.InteropServices;

namespace OnnxActNN.Training.Measurement;

/// <summary>Resident memory of this process as Linux counts it.</summary>
/// <remarks>
/// Exact enough to compare runs when ONNX Runtime's arena is off and large blocks go straight to the system
/// (<see cref="PreferMappings"/>): then a freed tensor leaves the process at once.
/// </remarks>
internal static partial class ProcessMemory
{
    private const string StatusFile = "/proc/self/status";
    private const string StatisticsFile = "/proc/self/stat";
    private const string ClearFile = "/proc/self/clear_refs";

    /// <summary>Blocks from this size on are mapped one by one.</summary>
    private const int MappingThreshold = 64 * 1024;

    /// <summary>Whether this system tells.</summary>
    public static bool IsSupported => File.Exists(StatusFile) && File.Exists(ClearFile);

    /// <summary>Bytes resident now.</summary>
    public static long Resident => Read("VmRSS:");

    /// <summary>Most bytes resident since the process started or <see cref="ResetPeak"/>.</summary>
    public static long Peak => Read("VmHWM:");

    /// <summary>
    /// Most bytes of private writable memory since <see cref="ResetPeak"/>, as a data limit counts them: the resident
    /// peak without the pages of files, and what is writable and not touched now (stacks of threads).
    /// </summary>
    public static long PrivatePeak => Peak - Read("RssFile:") + Math.Max(0, Read("VmData:") - Read("RssAnon:"));

    /// <summary>Pages that the system gave this process so far, without reading them from a disk.</summary>
    public static long PageFaults
    {
        get
        {
            // The name of the program, in brackets, may hold blanks; the faults are the eighth field behind it.
            var line = File.ReadAllText(StatisticsFile);
            var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[7], CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Starts a new peak from what is resident now.</summary>
    /// <exception cref="IOException">The system does not allow it.</exception>
    public static void ResetPeak() => File.WriteAllText(ClearFile, "5");

    /// <summary>
    /// Makes the C library map large blocks instead of keeping them, where it is one that can be told (glibc).
    /// </summary>
    /// <returns>Whether it obeys.</returns>
    public static bool PreferMappings()
    {
        const int TrimThreshold = -1;
        const int MapThreshold = -3;
        try
        {
            return SetMallocOption(MapThreshold, MappingThreshold) == 1
                && SetMallocOption(TrimThreshold, MappingThreshold) == 1;
        }
        catch (Exception reason) when (reason is DllNotFoundException or EntryPointNotFoundException)
        {
            return false;
        }
    }

    private static long Read(string field)
    {
        var line = File.ReadLines(StatusFile).First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(),
            CultureInfo.InvariantCulture) * 1024;
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetMallocOption(int option, int value);
}
