using System.Text.Json;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Testing;

/// <summary>An entry of the zoo of real training graphs, with all that is known of it.</summary>
internal sealed class ZooGraph
{
    private ZooGraph(string folder)
    {
        Folder = folder;
        Entry = ZooEntry.ReadFile(Path.Combine(folder, "entry.json"));
        Artifacts = TrainingArtifacts.Find(folder);
        Model = ModelReader.ReadFile(Artifacts.TrainingModel);
        Signature = TrainingSignature.Read(Model.Graph, Entry.InputNames, lossName: Entry.LossOutput);
    }

    public string Folder { get; }

    public ZooEntry Entry { get; }

    public TrainingArtifacts Artifacts { get; }

    public Model Model { get; }

    public TrainingSignature Signature { get; }

    /// <summary>Opens an entry; skips the running test where the zoo is missing.</summary>
    /// <param name="size"><c>small</c> or <c>large</c>.</param>
    /// <param name="name">Name of the entry.</param>
    public static ZooGraph Open(string size, string name) => new(SharedFolder.PathTo("models", "zoo", size, name));

    /// <summary>Names of the small entries; none where the zoo is missing.</summary>
    public static IReadOnlyList<string> SmallNames => Names("small");

    /// <summary>Names of the large entries, which have graphs alone.</summary>
    public static IReadOnlyList<string> LargeNames => Names("large");

    /// <summary>The parameters, from the entry's checkpoint or drawn from a seed.</summary>
    public Checkpoint Parameters() => Artifacts.Checkpoint is { } path
        ? CheckpointReader.ReadFile(path)
        : ParameterInitializer.Initialize(Signature, seed: 1);

    /// <summary>Inputs at the sizes that the recorded losses belong to.</summary>
    public FeedBatch Feeds(int step) => new(Signature.Data, Entry, Entry.ExampleDimensions, step);

    /// <summary>What the entry's makers recorded.</summary>
    public JsonElement Oracle()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "oracle.json")));
        return document.RootElement.Clone();
    }

    private static IReadOnlyList<string> Names(string size) =>
        SharedFolder.TryPathTo("models", "zoo", size) is { } folder && Directory.Exists(folder)
            ? [
                .. Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)!)
                .Order(StringComparer.Ordinal)]
            : [];
}
