using OnnxActNN.CustomOps;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Testing;
using OnnxActNN.TestModels;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.EndToEnd.Tests.Gradients;

/// <summary>
/// A training graph at fixed parameters and inputs, whose gradients are read as exported and as rewritten.
/// </summary>
internal sealed class GradientCase : IDisposable
{
    private readonly byte[] _original;
    private readonly TrainingSignature _signature;
    private readonly Checkpoint _parameters;
    private readonly FeedBatch _feeds;

    public GradientCase(Model model, TrainingSignature signature, Checkpoint parameters, FeedBatch feeds)
    {
        _original = ModelWriter.Write(model);
        (_signature, _parameters, _feeds) = (signature, parameters, feeds);
        Exact = Sample(_original, 1).Single();
    }

    /// <summary>Sizes of the named dimensions, for byte counts.</summary>
    public IReadOnlyDictionary<string, long> Dimensions { get; init; } = new Dictionary<string, long>();

    /// <summary>The gradients of the graph as exported, by parameter.</summary>
    public IReadOnlyDictionary<string, double[]> Exact { get; }

    /// <summary>An entry of the zoo at its first step, its graph changed where that is asked for.</summary>
    public static GradientCase OfZoo(string name, Action<Graph>? change = null)
    {
        var zoo = ZooGraph.Open("small", name);
        change?.Invoke(zoo.Model.Graph);
        return new GradientCase(zoo.Model, zoo.Signature, zoo.Parameters(), zoo.Feeds(step: 0));
    }

    /// <summary>A test model at its first parameters and inputs.</summary>
    public static GradientCase OfTestModel(string name, long batch)
    {
        var model = TestModelCatalog.Find(name);
        using var folder = new TempFolder();
        TestModelFiles.Write(model, folder.Path, batch);
        var entry = ZooEntry.ReadFile(folder.PathTo(TestModelFiles.Entry));
        var graph = model.Build();
        var signature = TrainingSignature.Read(graph.Graph, entry.InputNames, lossName: entry.LossOutput);
        var feeds = new FeedBatch(signature.Data, entry, entry.ExampleDimensions, step: 0);
        return new GradientCase(graph, signature, TestModelRun.CheckpointOf(model), feeds);
    }

    /// <summary>A copy of the graph as exported, to be changed.</summary>
    public Model Copy() => ModelReader.Read(_original);

    public RewriteResult Rewrite(RewriteOptions options) => TrainingGraphRewriter.Rewrite(_original, options);

    /// <summary>Gradients of one session's runs, each with noise of its own.</summary>
    public IEnumerable<IReadOnlyDictionary<string, double[]>> Sample(byte[] graph, int runs)
    {
        using var reader = Open(graph);
        for (var run = 0; run < runs; run++)
        {
            reader.Run(_feeds.Values);
            yield return reader.Gradients.ToDictionary(
                gradient => gradient.Key, gradient => Array.ConvertAll(gradient.Value, x => (double)x));
        }
    }

    /// <summary>Values within the graph as exported, row-major.</summary>
    public IReadOnlyList<float[]> Intermediates(params IReadOnlyList<string> names)
    {
        var model = Copy();
        foreach (var name in names) model.Graph.AddOutput(model.Graph.Find(name)!);
        using var reader = Open(ModelWriter.Write(model));
        return reader.Run(_feeds.Values, names);
    }

    public void Dispose() => _feeds.Dispose();

    private GradientReader Open(byte[] graph)
    {
        var settings = new SessionSettings { Threads = 1, Configure = options => options.RegisterOnnxActNN() };
        return new GradientReader(new GraphRun(graph, settings), _signature, _parameters);
    }
}
