using System.Diagnostics;
using System.Globalization;
using OnnxActNN.CustomOps;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>
/// <c>session</c>: milliseconds per step, optimizer included, of one model: by our session in float32 and packed, or by ONNX Runtime's
/// own. One process can hold one native library, so the two take a call each.
/// </summary>
internal static class SessionVerb
{
    private const int WarmUp = 2;

    /// <param name="arguments">
    /// Folder of a zoo entry, batch size, steps, and for the native session the folder of its library.
    /// </param>
    /// <param name="output">Gets a line per session.</param>
    public static int Run(string[] arguments, TextWriter output)
    {
        if (arguments is not [var folder, var batchText, var stepsText, .. var library] || library.Length > 1) return 2;
        if (library is [var path]) OrtLibrary.Use(path);
        var (batch, steps) = (long.Parse(batchText, CultureInfo.InvariantCulture), int.Parse(stepsText, CultureInfo.InvariantCulture));
        var files = TrainingArtifacts.Find(folder);
        var entry = ZooEntry.ReadFile(Path.Combine(folder, "entry.json"));
        var model = ModelReader.ReadFile(files.TrainingModel);
        var signature = TrainingSignature.Read(model.Graph, entry.InputNames, lossName: entry.LossOutput);
        var state = files.Checkpoint is { } saved ? CheckpointReader.ReadFile(saved) : ParameterInitializer.Initialize(signature, seed: 1);
        var sizes = entry.ExampleDimensions.ToDictionary(pair => pair.Key, pair => pair.Key == "batch" ? batch : pair.Value);
        using var feeds = new FeedBatch(signature.Data, entry, sizes, step: 0);
        var settings = new SessionSettings { Arena = true };
        output.WriteLine($"{entry.Name}, batch {batch}, {Environment.ProcessorCount} cores, ONNX Runtime {OrtLibrary.Version}; median and least ms per step:");
        if (library.Length > 0)
        {
            using var temporary = new TemporaryFolder();
            CheckpointWriter.WriteFile(state, temporary.PathOf("checkpoint"));
            var artifacts = files with { EvalModel = null, Checkpoint = temporary.PathOf("checkpoint") };
            using var run = new TrainingRun(artifacts, settings with { Configure = options => options.RegisterOnnxActNN() }, entry.LossOutput);
            Measure("native", steps, output, () => run.Step(feeds.InOrder(run.InputNames)), run.OptimizerStep);
            return 0;
        }
        foreach (var rewrite in (RewriteOptions?[])[null, new RewriteOptions()])
        {
            using var session = new TrainingSession(
                state, files.TrainingModel, optimizerModelPath: files.OptimizerModel,
                options: new TrainingSessionOptions { Rewrite = rewrite, Session = settings });
            Measure(rewrite is null ? "lowered" : "lowered, 2 bits", steps, output, () => Step(session, feeds), session.OptimizerStep);
        }
        return 0;
    }

    private static void Step(TrainingSession session, FeedBatch feeds)
    {
        session.LazyResetGrad();
        session.TrainStep(feeds.InOrder(session.InputNames(training: true))).Dispose();
    }

    private static void Measure(string name, int steps, TextWriter output, Action step, Action optimizerStep)
    {
        var (all, optimizer) = (new List<double>(), new List<double>());
        for (var number = 0; number < WarmUp + steps; number++)
        {
            var watch = Stopwatch.StartNew();
            step();
            var afterStep = watch.Elapsed.TotalMilliseconds;
            optimizerStep();
            if (number < WarmUp) continue;
            all.Add(watch.Elapsed.TotalMilliseconds);
            optimizer.Add(watch.Elapsed.TotalMilliseconds - afterStep);
        }
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name,-16} {Median(all),8:F1} {all.Min(),8:F1}, of which optimizer {Median(optimizer):F2}"));
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
