using OnnxActNN.Training.Data;
using OnnxActNN.Training.Loops;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>
/// <c>fashion-mnist</c>: trains classifiers in float32 and packed, over several seeds, and records test accuracy and
/// peak memory. A run that was interrupted goes on where the CSV file ends.
/// </summary>
/// <remarks>
/// All runs of a model start from its checkpoint; the seed decides the order of the samples and the dither.
/// </remarks>
internal static class FashionVerb
{
    public static int Run(string[] arguments, TextWriter output)
    {
        var options = new FashionOptions(new NamedArguments(arguments));
        var results = ReadResults(options.Csv);
        var read = SampleFiles.Read(options.Data);
        var samples = new SampleFiles(
            First(read.Train, options.TrainingSamples), First(read.Test, options.TestSamples));
        foreach (var name in options.Names) Train(options, name, samples, results, output);
        foreach (var line in FashionTable.Lines(results)) output.WriteLine(line);
        return 0;
    }

    private static void Train(
        FashionOptions options, string name, SampleFiles samples, List<FashionResult> results, TextWriter output)
    {
        var files = TrainingArtifacts.Find(Path.Combine(options.Models, name));
        SampleFiles? fitted = null;
        for (var seed = 1; seed <= options.Seeds; seed++)
        {
            foreach (var code in options.Codes)
            {
                var start = new ClassifierStart
                {
                    Files = files,
                    CheckpointPath = files.Checkpoint!,
                    Seed = (ulong)seed,
                    Threads = options.Threads,
                    Evaluate = true,
                };
                using var run = start.Open(code.Width);
                var planned = new FashionResult(
                    name, code.Name ?? run.Name, seed, samples.Train.Count, samples.Test.Count, options.Epochs,
                    options.BatchSize, Loss: 0, TestLoss: 0, Accuracy: 0, SamplesPerSecond: 0, PeakBytes: 0);
                if (results.Exists(planned.IsSameRun)) continue;
                fitted ??= new SampleFiles(
                    SampleFitting.Fit(samples.Train, run.SampleSizes),
                    SampleFitting.Fit(samples.Test, run.SampleSizes));
                var replanner = code.PlannedBits is { } bits
                    ? Replanner(start, code, bits, fitted.Train, options.BatchSize)
                    : null;
                var result = Train(run, new TrainingLoop(fitted, options.BatchSize, (ulong)seed), planned, replanner);
                results.Add(result);
                File.AppendAllLines(options.Csv, [result.ToString()]);
                output.WriteLine(result);
            }
        }
    }

    private static FashionResult Train(
        ClassifierRun run, TrainingLoop loop, FashionResult planned, Replanner? replanner)
    {
        var results = new CollectedResults();
        loop.Run([run], planned.Epochs, evaluate: true, results, CancellationToken.None, replanner);
        var last = results.Epochs[^1];
        return planned with
        {
            Loss = last.Loss,
            TestLoss = last.EvalLoss!.Value,
            Accuracy = last.Accuracy!.Value,
            SamplesPerSecond = last.SamplesPerSecond,
            PeakBytes = last.PeakBytes,
        };
    }

    private static Replanner Replanner(
        ClassifierStart start, FashionCode code, double bits, SampleSet samples, int batchSize) =>
        new(start, samples, batchSize, new ReplanRequest
        {
            Every = 1,
            AverageBits = bits,
            Width = code.Width!.Value,
            PerGroup = code.PerGroup,
        });

    private static List<FashionResult> ReadResults(string csv)
    {
        if (!File.Exists(csv)) File.WriteAllLines(csv, [FashionResult.Header]);
        return [.. File.ReadLines(csv).Skip(1).Select(FashionResult.Parse)];
    }

    private static SampleSet First(SampleSet samples, int count) =>
        count >= samples.Count ? samples : samples.Take([.. Enumerable.Range(0, count)]);
}
