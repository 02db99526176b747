using System.Globalization;
using System.Text.Json.Nodes;
using OnnxActNN.Tools.Rendering;

namespace OnnxActNN.Tools.Demo;

/// <summary>The demo's two trainings side by side, as a table of 80 columns and as JSON.</summary>
internal static class DemoReport
{
    public static void WriteTable(TextWriter output, IReadOnlyList<DemoRun> runs)
    {
        var culture = CultureInfo.InvariantCulture;
        Line("", run => run.Last.Run, null);
        Line("loss, last epoch", run => run.Last.Loss.ToString("F4", culture), null);
        Line("loss on other images", run => run.Last.EvalLoss!.Value.ToString("F4", culture), null);
        Line("accuracy on other images", run => (100 * run.Last.Accuracy!.Value).ToString("F1", culture) + " %", null);
        Bytes("saved for the backward pass", run => run.Execution.SavedBytes);
        Bytes("peak of a step by liveness", run => run.Execution.PeakLivenessBytes);
        Bytes("peak measured, with parameters", run => run.Last.PeakBytes);
        Line("samples per second", run => run.Last.SamplesPerSecond.ToString("F0", culture), null);

        void Bytes(string title, Func<DemoRun, long> bytes) => Line(title, run => ByteText.Of(bytes(run)), bytes);

        void Line(string title, Func<DemoRun, string> text, Func<DemoRun, long>? bytes)
        {
            var ratio = bytes is null ? "" : string.Create(culture, $"{Ratio(runs, bytes):F1}x less");
            output.WriteLine(
                string.Create(culture, $"{title,-32}{text(runs[0]),12}{text(runs[1]),12}{ratio,12}").TrimEnd());
        }
    }

    public static JsonObject Json(IReadOnlyList<DemoRun> runs) => new()
    {
        ["runs"] = new JsonArray([.. runs.Select(Run)]),
        ["ratios"] = new JsonObject
        {
            ["saved"] = Ratio(runs, run => run.Execution.SavedBytes),
            ["peak_liveness"] = Ratio(runs, run => run.Execution.PeakLivenessBytes),
            ["peak_measured"] = Ratio(runs, run => run.Last.PeakBytes),
        },
    };

    private static JsonObject Run(DemoRun run) => new()
    {
        ["run"] = run.Last.Run,
        ["epochs"] = run.Last.Epoch,
        ["loss"] = run.Last.Loss,
        ["eval_loss"] = run.Last.EvalLoss,
        ["accuracy"] = run.Last.Accuracy,
        ["samples_per_second"] = run.Last.SamplesPerSecond,
        ["saved_bytes"] = run.Execution.SavedBytes,
        ["peak_liveness_bytes"] = run.Execution.PeakLivenessBytes,
        ["peak_measured_bytes"] = run.Last.PeakBytes,
    };

    private static double Ratio(IReadOnlyList<DemoRun> runs, Func<DemoRun, long> bytes) =>
        (double)bytes(runs[0]) / bytes(runs[1]);
}
