using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using OnnxActNN.CustomOps;
using OnnxActNN.Rewriter;
using OnnxActNN.Testing;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.EndToEnd.Tests.Rewriting;

/// <summary>
/// Training runs of a zoo entry: as exported, rewritten, and as exported from slightly other parameters.
/// </summary>
internal sealed class ZooTraining(ZooGraph zoo) : IDisposable
{
    /// <summary>Of the dropout masks: each run starts from it, so that two runs draw the same masks.</summary>
    private const long DropoutSeed = 42;

    private readonly TempFolder _folder = new();

    /// <summary>Losses of steps with AdamW, each on a batch of its own or all on that of step 0.</summary>
    public IReadOnlyList<double> Original(int steps, bool isOneBatch = false) =>
        Train(zoo.Artifacts, steps, isOneBatch);

    /// <summary>The same of the rewritten graph.</summary>
    public IReadOnlyList<double> Rewritten(RewriteOptions options, int steps, bool isOneBatch = false)
    {
        var path = _folder.PathTo("rewritten.onnx");
        var result = TrainingGraphRewriter.RewriteFile(zoo.Artifacts.TrainingModel, options);
        if (result.Pairs.Count == 0) throw new InvalidOperationException($"Nothing of '{zoo.Entry.Name}' is packed.");
        result.Save(path);
        return Train(zoo.Artifacts with { TrainingModel = path }, steps, isOneBatch);
    }

    /// <summary>
    /// The original's losses from parameters that are each larger or smaller by a fraction, by the seed's coin.
    /// </summary>
    public IReadOnlyList<double> Perturbed(double fraction, int seed, int steps)
    {
        var coin = new Random(seed);
        var parameters = zoo.Parameters();
        var path = _folder.PathTo("perturbed");
        CheckpointWriter.WriteFile(parameters with { Trained = [.. parameters.Trained.Select(Perturb)] }, path);
        return Train(zoo.Artifacts with { Checkpoint = path }, steps, isOneBatch: false);

        CheckpointTensor Perturb(CheckpointTensor tensor)
        {
            if (tensor.ElementType != TensorElementType.Float) return tensor;
            var values = tensor.AsFloats().ToArray();
            for (var i = 0; i < values.Length; i++)
                values[i] = (float)(values[i] * (1 + (coin.Next(2) == 0 ? fraction : -fraction)));
            return CheckpointTensor.FromFloats(tensor.Name, tensor.Dimensions, values);
        }
    }

    /// <summary>The largest relative difference of two runs' losses at the same step.</summary>
    public static double LargestDifference(IReadOnlyList<double> losses, IReadOnlyList<double> expected) =>
        losses.Zip(expected, (loss, want) => Math.Abs(loss - want) / Math.Abs(want)).Max();

    public void Dispose() => _folder.Dispose();

    private List<double> Train(TrainingArtifacts artifacts, int steps, bool isOneBatch)
    {
        TrainingUtils.SetSeed(DropoutSeed);
        var settings = new SessionSettings { Threads = 1, Configure = options => options.RegisterOnnxActNN() };
        using var run = new TrainingRun(artifacts, settings, zoo.Entry.LossOutput);
        var losses = new List<double>(steps);
        for (var step = 0; step < steps; step++)
        {
            using var feeds = zoo.Feeds(isOneBatch ? 0 : step);
            losses.Add(run.Step(feeds.InOrder(run.InputNames)));
            run.OptimizerStep();
        }
        return losses;
    }
}
