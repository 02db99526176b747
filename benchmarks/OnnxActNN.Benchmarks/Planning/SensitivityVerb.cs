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
        var name = Path.GetFileName(folder);
        output.WriteLine(
            Text($"## {name}: {close} of {rows.Count} within a factor of {SensitivityComparison.Factor}"));
        output.WriteLine("| tensor | readers | predicted | measured | ratio | squared bias / variance |");
        output.WriteLine("|---|---|---|---|---|---|");
        foreach (var row in rows)
        {
            var mark = row.IsClose ? "" : " *";
            output.WriteLine(
                Text($"| {row.Name} | {row.Readers} | {row.Predicted:E3} | {row.Measured:E3} ")
                + Text($"| {row.Ratio:F2}{mark} | {row.BiasShare:F2} |"));
        }
        output.WriteLine();
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
