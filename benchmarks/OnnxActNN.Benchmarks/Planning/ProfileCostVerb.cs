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

/// <summary>
/// <c>profile-cost</c>: time of a step with and without the nodes that measure, in turns. A cost is the median over the
/// rounds of what a step takes more than the plain one of its round, so that a machine that slows down for a while does
/// not show. Beside it, of fewer steps under ONNX Runtime's profiler, what the nodes themselves take of the time within
/// all others: two sessions of one graph differ by more.
/// </summary>
internal static class ProfileCostVerb
{
    private const string Usual = "1,8";
    private const int ProfiledSteps = 4;

    public static int Run(string[] arguments, TextWriter output)
    {
        var folders = arguments.TakeWhile(argument => !argument.StartsWith("--", StringComparison.Ordinal)).ToList();
        if (folders.Count == 0) return 2;
        var named = new NamedArguments(arguments[folders.Count..]);
        var (batch, rounds) = (named.Number("--batch", 32), named.Number("--rounds", 15));
        var every = (named.Find("--every") ?? Usual).Split(',')
            .Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToList();
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
        using var feeds = inputs.Feeds(step: 0);
        var sources = instrumented.Select(result => result.Model).Prepend(ModelReader.Read(original))
            .Select(model => Open(model, inputs)).ToList();
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
        // Now that all code is compiled.
        var shares = every.Select(each => ShareOfNodes(Instrumented(each).Model, inputs, feeds)).ToList();
        var costs = times.Skip(1).Select(list => Median(list.Zip(times[0], (time, plain) => time / plain - 1)))
            .Zip(shares, (cost, share) => string.Create(CultureInfo.InvariantCulture, $"{cost:P1} (nodes {share:P1})"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {Path.GetFileName(folder)} | {instrumented[0].Activations + instrumented[0].Gradients} | "
                + $"{Median(times[0]):F1} ms | {string.Join(" | ", costs)} |");

        InstrumentResult Instrumented(int every) => TrainingGraphInstrumenter.Instrument(original, new InstrumentOptions
        {
            Rewrite = ZooProfile.Options(inputs) with { Runtime = TargetRuntime.Stock },
            Sink = $"cost {folder} {every}",
            Every = every,
        });
    }

    private static double Median(IEnumerable<double> numbers)
    {
        var ordered = numbers.Order().ToList();
        return ordered[ordered.Count / 2];
    }

    private static GradientSource Open(Model model, MeasureInputs inputs, string? profile = null) =>
        new(
            model, inputs.Parameters, inputs.Signature.LossOutput,
            new SessionSettings { Threads = 1, ProfilePrefix = profile });

    private static double ShareOfNodes(Model model, MeasureInputs inputs, FeedBatch feeds)
    {
        using var folder = new TemporaryFolder();
        using var source = Open(model, inputs, folder.PathOf("profile"));
        for (var step = 0; step <= ProfiledSteps; step++) source.Run(feeds.Values);
        var runs = ExecutionProfile.ReadFile(source.EndProfiling()).Runs;
        var share = StepShares.Of(runs.Skip(1).SelectMany(run => run)).Profile;
        return share / (1 - share);
    }

    private static double TimeOf(GradientSource source, FeedBatch feeds)
    {
        var watch = Stopwatch.StartNew();
        source.Run(feeds.Values);
        return watch.Elapsed.TotalMilliseconds;
    }
}
