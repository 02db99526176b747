using System.Globalization;
using OnnxActNN.Rewriter;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>
/// <c>session</c>: milliseconds per step of one model, side by side and in turn: ONNX Runtime 1.19.2's own session, and
/// ours in float32 (lowered) and packed.
/// </summary>
internal static class SessionVerb
{
    /// <param name="arguments">See <see cref="StepOptions"/>.</param>
    /// <param name="output">Gets a line of a Markdown table per session.</param>
    public static int Run(string[] arguments, TextWriter output)
    {
        var options = new StepOptions(new NamedArguments(arguments));
        using var batch = new StepBatch(options);
        var runs = new List<(string Name, IStepRun Run, List<StepTime> Times)>();
        if (options.Native is not null) Add("native 1.19.2", new NativeSteps(arguments));
        Add($"lowered, {OrtLibrary.Version}", new OwnSteps(batch, rewrite: null));
        Add($"2 bits, {OrtLibrary.Version}", new OwnSteps(batch, new RewriteOptions()));
        for (var step = -options.WarmUp; step < options.Steps; step++)
        {
            foreach (var (_, run, times) in runs)
            {
                var time = run.Step();
                if (step >= 0) times.Add(time);
            }
        }
        foreach (var (name, run, times) in runs)
        {
            output.WriteLine(Line($"{batch.Entry.Name}, batch {options.Batch}", name, times, runs[0].Times));
            run.Dispose();
        }
        return 0;

        void Add(string name, IStepRun run) => runs.Add((name, run, []));
    }

    private static string Line(string model, string name, List<StepTime> times, List<StepTime> first)
    {
        var (median, least) = (Median(times, time => time.Total), times.Min(time => time.Total));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {model} | {name} | {median:F2} | {least:F2} | {Median(times, time => time.Optimizer):F2} "
            + $"| {median / Median(first, time => time.Total):F2} | {least / first.Min(time => time.Total):F2} |");
    }

    private static double Median(List<StepTime> times, Func<StepTime, double> of) =>
        times.Select(of).Order().ElementAt(times.Count / 2);
}
