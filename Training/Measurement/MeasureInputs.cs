using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training.Measurement;

/// <summary>A model with all that its steps take: signature, parameters, input values.</summary>
internal sealed class MeasureInputs
{
    private readonly IFeedSource _feeds;
    private readonly Dictionary<string, long> _dimensions;

    /// <summary>Reads the model, and the entry and checkpoint if there are any.</summary>
    /// <param name="request">The files, sizes and seed.</param>
    /// <param name="feeds">Where the caller's inputs come from, if not from the entry or the seed.</param>
    /// <param name="state">The parameters, if not those of a checkpoint file.</param>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    public MeasureInputs(MeasureRequest request, IFeedSource? feeds = null, Checkpoint? state = null)
    {
        Artifacts = TrainingArtifacts.Find(request.Model);
        Model = ModelReader.ReadFile(Artifacts.TrainingModel);
        var entry = request.Entry is null ? null : ZooEntry.ReadFile(request.Entry);
        var checkpoint = request.Checkpoint ?? Artifacts.Checkpoint;
        var stored = state ?? (checkpoint is null ? null : CheckpointReader.ReadFile(checkpoint));
        var parameterNames = stored?.Parameters.Select(tensor => tensor.Name).ToHashSet();
        Signature = TrainingSignature.Read(Model.Graph, entry?.InputNames, parameterNames, entry?.LossOutput);
        Parameters = stored ?? ParameterInitializer.Initialize(Signature, request.Seed);
        Artifacts = Artifacts with { Checkpoint = checkpoint };
        _feeds = feeds ?? (IFeedSource?)entry ?? new DrawnFeeds(Model, request.Seed);
        _dimensions = new Dictionary<string, long>(entry?.ExampleDimensions ?? new Dictionary<string, long>());
        foreach (var (name, size) in request.Dimensions) _dimensions[name] = size;
    }

    /// <summary>The files; without a checkpoint where there is none yet.</summary>
    public TrainingArtifacts Artifacts { get; }

    public Model Model { get; }

    public TrainingSignature Signature { get; }

    public Checkpoint Parameters { get; }

    /// <summary>Sizes of all named dimensions.</summary>
    public IReadOnlyDictionary<string, long> Dimensions => _dimensions;

    /// <summary>The input values of one step; the caller disposes them.</summary>
    public FeedBatch Feeds(int step) => new(Signature.Data, _feeds, _dimensions, step);
}
