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
    private const int Rounds = 15;
    private const int Sampled = 8;
    private const long Batch = 32;

    public static int Run(string[] arguments, TextWriter output)
    {
        if (arguments.Length == 0) return 2;
        output.WriteLine($"| entry, {Batch} samples | step | with all groups | with every {Sampled}th |");
        output.WriteLine("|---|---|---|---|");
        foreach (var folder in arguments) output.WriteLine(Report(folder));
        return 0;
    }

    private static string Report(string folder)
    {
        var inputs = new MeasureInputs(new MeasureRequest
        {
            Model = Path.Combine(folder, "training_model.onnx"),
            Entry = Path.Combine(folder, "entry.json"),
            Dimensions = new Dictionary<string, long> { ["batch"] = Batch },
        });
        var original = ModelWriter.Write(inputs.Model);
        using var plain = Open(ModelReader.Read(original), inputs);
        using var all = Open(Instrumented(1), inputs);
        using var some = Open(Instrumented(Sampled), inputs);
        using var feeds = inputs.Feeds(step: 0);
        GradientSource[] sources = [plain, all, some];
        var times = sources.Select(_ => new List<double>()).ToList();
        for (var round = 0; round <= Rounds; round++)
        {
            for (var index = 0; index < sources.Length; index++)
            {
                var time = TimeOf(sources[index], feeds);
                if (round > 0) times[index].Add(time);
            }
        }
        var medians = times.Select(list => list.Order().ElementAt(Rounds / 2)).ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {Path.GetFileName(folder)} | {medians[0]:F1} ms | {medians[1] / medians[0] - 1:P1} | {medians[2] / medians[0] - 1:P1} |");

        Model Instrumented(int every) => TrainingGraphInstrumenter.Instrument(original, new InstrumentOptions
        {
            Rewrite = ZooProfile.Options(inputs) with { Runtime = TargetRuntime.Stock },
            Sink = $"cost {folder} {every}",
            Every = every,
        }).Model;
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
