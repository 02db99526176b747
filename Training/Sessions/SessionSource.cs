using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training.Sessions;

/// <summary>
/// Where a training session's graphs come from: files or memory. Each reading gives a model of its own, which may be
/// changed.
/// </summary>
/// <param name="State">The parameters.</param>
/// <param name="ReadTraining">Reads the training graph.</param>
/// <param name="ReadEval">Reads the evaluation graph; null if there is none.</param>
/// <param name="ReadOptimizer">Reads the optimizer graph, or gives null if there is none.</param>
internal sealed record SessionSource(
    Checkpoint State, Func<Model> ReadTraining, Func<Model>? ReadEval, Func<Model?> ReadOptimizer)
{
    /// <exception cref="FileNotFoundException">The folder lacks the training graph or the checkpoint.</exception>
    public static SessionSource Find(string folder)
    {
        var files = TrainingArtifacts.Find(folder);
        var checkpoint = files.Checkpoint ?? throw new FileNotFoundException(
            $"'{folder}' has no file 'checkpoint'; read one yourself "
            + "and give it to the constructor that takes a Checkpoint.");
        return Of(CheckpointReader.ReadFile(checkpoint), files.TrainingModel, files.EvalModel, files.OptimizerModel);
    }

    public static SessionSource Of(Checkpoint state, string training, string? eval, string? optimizer) => new(
        state,
        () => ModelReader.ReadFile(training),
        eval is null ? null : () => ModelReader.ReadFile(eval),
        () => optimizer is null ? null : ModelReader.ReadFile(optimizer));

    public static SessionSource Of(
        Checkpoint state, ReadOnlyMemory<byte> training, ReadOnlyMemory<byte> eval,
        ReadOnlyMemory<byte> optimizer) => new(
        state,
        () => ModelReader.Read(training, "training model"),
        eval.IsEmpty ? null : () => ModelReader.Read(eval, "evaluation model"),
        () => optimizer.IsEmpty ? null : ModelReader.Read(optimizer, "optimizer model"));
}
