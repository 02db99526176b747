using System.Globalization;
using OnnxActNN.Training.Profiling;

namespace OnnxActNN.Benchmarks.Planning;

/// <summary><c>sensitivity</c>: predicted against measured variance of each saved tensor of zoo entries.</summary>
internal static class SensitivityVerb
{
    private const int Draws = 32;
    private const int Probes = 8;

    public static int Run(string[] arguments, TextWriter output)
    {
        if (arguments.Length == 0) return 2;
        foreach (var folder in arguments) Report(folder, output);
        return 0;
    }

    private static void Report(string folder, TextWriter output)
    {
        var profile = ZooProfile.Of(folder, Draws, steps: 1, Probes);
        var rows = SensitivityComparison.Of(ZooProfile.Open(folder).Model, profile);
        var close = rows.Count(row => row.IsClose);
        output.WriteLine(Text($"## {Path.GetFileName(folder)}: {close} of {rows.Count} within a factor of {SensitivityComparison.Factor}"));
        output.WriteLine("| tensor | readers | predicted | measured | ratio | squared bias / variance |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var row in rows)
            output.WriteLine(Text($"| {row.Name} | {row.Readers} | {row.Predicted:E3} | {row.Measured:E3} | {row.Ratio:F2}{(row.IsClose ? "" : " *")} | {row.BiasShare:F2} |"));
        output.WriteLine();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
