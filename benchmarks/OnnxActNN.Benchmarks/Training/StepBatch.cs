using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>A zoo entry with its parameters and one batch.</summary>
internal sealed class StepBatch : IDisposable
{
    public StepBatch(StepOptions options)
    {
        Options = options;
        Files = TrainingArtifacts.Find(options.Entry);
        Entry = ZooEntry.ReadFile(Path.Combine(options.Entry, "entry.json"));
        var signature = TrainingSignature.Read(
            ModelReader.ReadFile(Files.TrainingModel).Graph, Entry.InputNames, lossName: Entry.LossOutput);
        State = Files.Checkpoint is { } saved
            ? CheckpointReader.ReadFile(saved)
            : ParameterInitializer.Initialize(signature, seed: 1);
        var sizes = Entry.ExampleDimensions.ToDictionary(
            pair => pair.Key, pair => pair.Key == "batch" ? options.Batch : pair.Value);
        Feeds = new FeedBatch(signature.Data, Entry, sizes, step: 0);
    }

    public StepOptions Options { get; }

    public TrainingArtifacts Files { get; }

    public ZooEntry Entry { get; }

    public Checkpoint State { get; }

    public FeedBatch Feeds { get; }

    public void Dispose() => Feeds.Dispose();
}
