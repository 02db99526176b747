using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Zoo;

/// <summary>A graph of the zoo, and what a rewrite with the defaults makes of it, on one runtime.</summary>
internal sealed class ZooPair : IDisposable
{
    private const string BatchDimension = "batch";

    /// <summary>Tokens per sample: the entries' examples are so short that parameters outweigh activations.</summary>
    private const long Tokens = 128;

    private static readonly string[] SequenceDimensions = ["sequence", "target_sequence"];

    private readonly TemporaryFolder _folder = new();
    private readonly MeasureRequest _request;
    private readonly (long Small, long Large) _batches;
    private readonly Dictionary<string, long> _others;

    /// <param name="folder">The entry's folder.</param>
    /// <param name="library">The native training runtime; null for the current ONNX Runtime, on lowered graphs.</param>
    /// <param name="batches">Batches to measure.</param>
    public ZooPair(string folder, string? library, (long Small, long Large) batches)
    {
        var source = Path.Combine(folder, TrainingArtifacts.TrainingModelName);
        var entry = Path.Combine(folder, "entry.json");
        var sizes = ZooEntry.ReadFile(entry).ExampleDimensions;
        _others = SequenceDimensions.Where(sizes.ContainsKey).ToDictionary(name => name, _ => Tokens);
        _batches = sizes.ContainsKey(BatchDimension) ? batches : (1, 1);
        Original = source;
        Packed = _folder.PathOf("packed.onnx");
        var options = new RewriteOptions { Dimensions = Sizes(_batches.Large) };
        if (library is null)
        {
            options = options with { Runtime = TargetRuntime.Stock };
            Original = _folder.PathOf("lowered.onnx");
            GraphLowering.LowerFile(source).Save(Original);
        }
        TrainingGraphRewriter.RewriteFile(source, options).Save(Packed);
        _request = new MeasureRequest
        {
            Model = Original,
            Entry = entry,
            Library = library,
            Runtime = library is null ? MeasureRuntime.Stock : MeasureRuntime.Training,
        };
    }

    public string Original { get; }

    public string Packed { get; }

    public (long Small, long Large) Batches => _batches;

    /// <summary>What to measure of one of the two graphs.</summary>
    public MeasureRequest Request(string model, long batch, int steps, MeasureKind kind) => _request with
    {
        Model = model,
        Dimensions = Sizes(batch),
        Steps = steps,
        Kind = kind,
    };

    public void Dispose() => _folder.Dispose();

    private Dictionary<string, long> Sizes(long batch) => new(_others) { [BatchDimension] = batch };
}
