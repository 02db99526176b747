using System.Globalization;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>
/// <c>soak</c>: many training steps of a packed model, and what the process holds as they go; it should hold the same
/// at the end.
/// </summary>
internal static class SoakVerb
{
    private const int Lines = 20;

    /// <param name="arguments">Folder of a zoo entry, and the number of steps.</param>
    /// <param name="output">Gets a line each twentieth of the steps.</param>
    public static int Run(string[] arguments, TextWriter output)
    {
        if (arguments is not [var folder, var text] || !int.TryParse(text, CultureInfo.InvariantCulture, out var steps))
            return 2;
        ProcessMemory.PreferMappings();
        var entry = ZooEntry.ReadFile(Path.Combine(folder, "entry.json"));
        var model = ModelReader.ReadFile(Path.Combine(folder, TrainingArtifacts.TrainingModelName));
        var signature = TrainingSignature.Read(model.Graph, entry.InputNames, lossName: entry.LossOutput);
        using var session = new TrainingSession(folder, new TrainingSessionOptions { Rewrite = new RewriteOptions() });
        output.WriteLine($"{entry.Name}, 2 bits, {steps} steps; resident MB and managed MB:");
        for (var step = 1; step <= steps; step++)
        {
            using var feeds = new FeedBatch(signature.Data, entry, entry.ExampleDimensions, step);
            session.LazyResetGrad();
            session.TrainStep(feeds.InOrder(session.InputNames(training: true))).Dispose();
            session.OptimizerStep();
            if (step % Math.Max(1, steps / Lines) != 0) continue;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{step,8} {ProcessMemory.Resident / 1e6,8:F1} "
                    + $"{GC.GetTotalMemory(forceFullCollection: true) / 1e6,8:F2}"));
        }
        return 0;
    }
}
