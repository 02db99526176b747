using System.Runtime.InteropServices;

namespace OnnxActNN.Benchmarks;

/// <summary>What a table of results must say about where it comes from.</summary>
internal static class MachineHeader
{
    /// <summary>Processor, cores, operating system and runtime, as Markdown lines.</summary>
    public static string Describe() => $"""
        * processor: {Processor()}, {Environment.ProcessorCount} cores seen by the process
        * system: {RuntimeInformation.OSDescription} ({RuntimeInformation.OSArchitecture})
        * runtime: {RuntimeInformation.FrameworkDescription}
        """;

    /// <summary>A folder name for the processor: lower case, words joined by hyphens.</summary>
    public static string FolderName()
    {
        var words = Processor().ToLowerInvariant()
            .Split([' ', '(', ')', '@', '/', ','], StringSplitOptions.RemoveEmptyEntries);
        return string.Join('-', words);
    }

    private static string Processor()
    {
        const string file = "/proc/cpuinfo";
        if (!File.Exists(file))
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER")
                ?? RuntimeInformation.ProcessArchitecture.ToString();
        string? Field(string name) => File.ReadLines(file)
            .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
        return $"{Field("model name") ?? "unknown"} family {Field("cpu family")} model {Field("model\t")}";
    }
}
