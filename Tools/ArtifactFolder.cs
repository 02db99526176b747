using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Tools;

/// <summary>
/// A folder as ONNX Runtime's <c>generate_artifacts</c> writes it: training graph, eval graph, optimizer, checkpoint.
/// </summary>
internal static class ArtifactFolder
{
    public const string TrainingModel = "training_model.onnx";

    /// <summary>
    /// Rewrites the training graph and copies the other files. The new folder takes its name once it is complete.
    /// </summary>
    public static SavedTensorReport Rewrite(string source, string target, RewriteOptions options)
    {
        var model = Path.Combine(source, TrainingModel);
        if (!File.Exists(model)) throw new FileNotFoundException($"'{source}' holds no {TrainingModel}.", model);
        var result = TrainingGraphRewriter.RewriteFile(model, options);
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        var building = $"{full}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(building);
            foreach (var file in Directory.EnumerateFiles(source)
                .Where(file => Path.GetFileName(file) != TrainingModel))
                File.Copy(file, Path.Combine(building, Path.GetFileName(file)));
            result.Save(Path.Combine(building, TrainingModel));
            Swap(building, full);
        }
        finally
        {
            if (Directory.Exists(building)) Directory.Delete(building, recursive: true);
        }
        return result.Report;
    }

    private static void Swap(string building, string full)
    {
        if (!Directory.Exists(full))
        {
            Directory.Move(building, full);
            return;
        }
        var old = $"{full}.{Guid.NewGuid():N}.old";
        Directory.Move(full, old);
        try
        {
            Directory.Move(building, full);
        }
        catch
        {
            Directory.Move(old, full);
            throw;
        }
        Directory.Delete(old, recursive: true);
    }
}
