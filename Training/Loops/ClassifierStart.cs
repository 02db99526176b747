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
    public required string Checkpoint { get; init; }

    public float LearningRate { get; init; } = 1e-3f;

    /// <summary>Seed of the dither.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads within an operator; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>Whether the runs will be evaluated: their evaluation then gives the logits too.</summary>
    public bool Evaluate { get; init; }

    /// <summary>Opens one run; its memory is counted by <see cref="CountingAllocator"/>.</summary>
    /// <param name="width">Width of the codes; null for float32.</param>
    /// <exception cref="TrainingSessionException">The files do not fit each other, or are of no classifier.</exception>
    public ClassifierRun Open(CodeWidth? width)
    {
        CountingAllocator.Register();
        var logits = Evaluate && Files.EvalModel is { } eval ? Logits.Find(ModelReader.ReadFile(eval)) : null;
        var options = new TrainingSessionOptions
        {
            EvalOutputs = logits is null ? [] : [logits],
            Session = new SessionSettings { Threads = Threads, SharedAllocator = true },
            Rewrite = width is null ? null : new RewriteOptions { Width = width.Value, Seed = (long)Seed },
        };
        var session = new TrainingSession(
            CheckpointReader.ReadFile(Checkpoint), Files.TrainingModel, Files.EvalModel, Files.OptimizerModel, options);
        session.SetLearningRate(LearningRate);
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

    private static string Name(CodeWidth? width) => width switch
    {
        null => "float32",
        CodeWidth.OneBit => "1 bit",
        { } other => string.Create(CultureInfo.InvariantCulture, $"{CodeWidths.StoredBits(other)} bits"),
    };
}
