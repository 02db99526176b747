using System.Diagnostics;
using System.Globalization;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Planning;

/// <summary><c>profile-cost</c>: time of a step with and without the nodes that measure, in turns.</summary>
internal static class ProfileCostVerb
{
    private const string Usual = "1,8";

    public static int Run(string[] arguments, TextWriter output)
    {
        var folders = arguments.TakeWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal)).ToList();
        if (folders.Count == 0) return 2;
        var named = new NamedArguments(arguments[folders.Count..]);
        var (batch, rounds) = (named.Number("--batch", 32), named.Number("--rounds", 15));
        var every = (named.Find("--every") ?? Usual).Split(',').Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToList();
        output.WriteLine($"| entry, {batch} samples | nodes | step | {string.Join(" | ", every.Select(NameOf))} |");
        output.WriteLine($"|---|---|---|{string.Concat(every.Select(_ => "---|"))}");
        foreach (var folder in folders)
        {
            output.WriteLine(Report(folder, batch, rounds, every));
            output.Flush();
        }
        return 0;
    }

    private static string NameOf(int every) => every == 1 ? "all groups" : $"one group in {every}";

    private static string Report(string folder, int batch, int rounds, List<int> every)
    {
        var inputs = new MeasureInputs(new MeasureRequest
        {
            Model = Path.Combine(folder, "training_model.onnx"),
            Entry = Path.Combine(folder, "entry.json"),
            Dimensions = new Dictionary<string, long> { ["batch"] = batch },
        });
        var original = ModelWriter.Write(inputs.Model);
        var instrumented = every.Select(Instrumented).ToList();
        var sources = instrumented.Select(result => result.Model).Prepend(ModelReader.Read(original)).Select(model => Open(model, inputs)).ToList();
        using var feeds = inputs.Feeds(step: 0);
        var times = sources.Select(_ => new List<double>()).ToList();
        for (var round = 0; round <= rounds; round++)
        {
            for (var index = 0; index < sources.Count; index++)
            {
                var time = TimeOf(sources[index], feeds);
                if (round > 0) times[index].Add(time);
            }
        }
        foreach (var source in sources) source.Dispose();
        var medians = times.Select(list => list.Order().ElementAt(rounds / 2)).ToList();
        var costs = medians.Skip(1).Select(median => string.Create(CultureInfo.InvariantCulture, $"{median / medians[0] - 1:P1}"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {Path.GetFileName(folder)} | {instrumented[0].Activations + instrumented[0].Gradients} | {medians[0]:F1} ms | {string.Join(" | ", costs)} |");

        InstrumentResult Instrumented(int every) => TrainingGraphInstrumenter.Instrument(original, new InstrumentOptions
        {
            Rewrite = ZooProfile.Options(inputs) with { Runtime = TargetRuntime.Stock },
            Sink = $"cost {folder} {every}",
            Every = every,
        });
    }

    private static GradientSource Open(Model model, MeasureInputs inputs) =>
        new(model, inputs.Parameters, inputs.Signature.LossOutput, new SessionSettings { Threads = 1 });

    private static double TimeOf(GradientSource source, FeedBatch feeds)
    {
        var watch = Stopwatch.StartNew();
        source.Run(feeds.Values);
        return watch.Elapsed.TotalMilliseconds;
    }
}
