namespace OnnxActNN.Training.Runtime;

/// <summary>The files of a training run: what ONNX Runtime's <c>generate_artifacts</c> writes into a folder.</summary>
/// <param name="TrainingModel">Forward and backward graph.</param>
/// <param name="EvalModel">Forward graph and loss; null if there is none.</param>
/// <param name="OptimizerModel">Optimizer's graph; null if there is none: then one is made.</param>
/// <param name="Checkpoint">Parameters; null if there are none yet.</param>
internal sealed record TrainingArtifacts(
    string TrainingModel, string? EvalModel, string? OptimizerModel, string? Checkpoint)
{
    public const string TrainingModelName = "training_model.onnx";

    /// <summary>The artifacts in a folder, or those beside a training model; what is not there is null.</summary>
    /// <exception cref="FileNotFoundException">There is no training model.</exception>
    public static TrainingArtifacts Find(string path)
    {
        var model = Directory.Exists(path) ? Path.Combine(path, TrainingModelName) : path;
        if (!File.Exists(model)) throw new FileNotFoundException($"'{model}' does not exist.", model);
        var folder = Path.GetDirectoryName(Path.GetFullPath(model))!;
        return new TrainingArtifacts(
            model,
            Existing(folder, "eval_model.onnx"),
            Existing(folder, "optimizer_model.onnx"),
            Existing(folder, "checkpoint"));
    }

    private static string? Existing(string folder, string name) =>
        Path.Combine(folder, name) is var path && File.Exists(path) ? path : null;
}
