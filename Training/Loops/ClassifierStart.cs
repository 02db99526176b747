using System.Globalization;
using OnnxActNN.Format;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training.Loops;

/// <summary>
/// What runs share that are to be compared: the graphs, the parameters they start from, and how they are trained.
/// </summary>
internal sealed record ClassifierStart
{
    /// <summary>The graphs.</summary>
    public required TrainingArtifacts Files { get; init; }

    /// <summary>
    /// The checkpoint file that every run reads for itself: a session keeps and changes what it is given.
    /// </summary>
    public required string CheckpointPath { get; init; }

    public float LearningRate { get; init; } = 1e-3f;

    /// <summary>Seed of the dither.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads within an operator; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Whether the runs will be evaluated: their evaluation then gives the logits too.</summary>
    public bool Evaluate { get; init; }

    /// <summary>How the sessions are opened.</summary>
    public SessionSettings Settings => new() { Threads = Threads, SharedAllocator = true };

    /// <summary>Opens one run; its memory is counted by <see cref="CountingAllocator"/>.</summary>
    /// <param name="width">Width of the codes; null for float32.</param>
    /// <exception cref="TrainingSessionException">The files do not fit each other, or are of no classifier.</exception>
    public ClassifierRun Open(CodeWidth? width)
    {
        var session = OpenSession(
            CheckpointReader.ReadFile(CheckpointPath), width is null ? null : RewriteWith(width.Value));
        try
        {
            return new ClassifierRun(Name(width), session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>How the training graph is packed with codes of one width.</summary>
    public RewriteOptions RewriteWith(CodeWidth width) => new() { Width = width, Seed = (long)Seed };

    /// <summary>A session of its own from the given state, which it keeps and changes.</summary>
    /// <inheritdoc cref="Open"/>
    public TrainingSession OpenSession(Checkpoint state, RewriteOptions? rewrite)
    {
        CountingAllocator.Register();
        var logits = Evaluate && Files.EvalModel is { } eval ? Logits.Find(ModelReader.ReadFile(eval)) : null;
        var session = new TrainingSession(
            state, Files.TrainingModel, Files.EvalModel, Files.OptimizerModel, new TrainingSessionOptions
            {
                EvalOutputs = logits is null ? [] : [logits],
                Session = Settings,
                Rewrite = rewrite,
            });
        session.SetLearningRate(LearningRate);
        return session;
    }

    private static string Name(CodeWidth? width) => width switch
    {
        null => "float32",
        CodeWidth.OneBit => "1 bit",
        { } other => string.Create(CultureInfo.InvariantCulture, $"{CodeWidths.StoredBits(other)} bits"),
    };
}
