using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Tools.Commands;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Reporting;

/// <summary>Gathers what a report shows of one graph, or of an original and its rewritten form.</summary>
/// <param name="request">Sizes, and how to measure.</param>
/// <param name="loss">Name of the loss; null where it is found.</param>
/// <param name="optimizerStates">Tensors that the optimizer keeps for each trained parameter.</param>
/// <param name="isMeasured">Whether the graphs are run.</param>
internal sealed class ReportBuilder(MeasureRequest request, string? loss, int optimizerStates, bool isMeasured)
{
    /// <exception cref="UsageException">A named dimension has no size.</exception>
    /// <exception cref="OnnxActNNException">A graph is no training graph, or cannot be measured.</exception>
    public (IReadOnlyList<ReportedModel> Models, IReadOnlyList<ReportedTensor> Tensors) Build(string? rewrittenPath)
    {
        var original = ModelReader.ReadFile(request.Model);
        var rewritten = rewrittenPath is null ? null : ModelReader.ReadFile(rewrittenPath);
        foreach (var model in new[] { original, rewritten }.OfType<Model>())
            CommonOptions.RequireSizes(model.Graph, request.Dimensions);
        if (isMeasured) MeasureOptionSet.RequireFiles(request, [request.Model]);

        var report = TrainingGraphRewriter.Inspect(
            original, new RewriteOptions { Dimensions = request.Dimensions, Loss = loss });
        var before = Describe("original", request.Model, original);
        if (rewritten is null) return ([before], [.. TensorComparison.Planned(report)]);
        var after = Describe("rewritten", Path.GetFullPath(rewrittenPath!), rewritten);
        return ([before, after], [.. new TensorComparison(rewritten, after.Prediction).Compare(report)]);
    }

    private ReportedModel Describe(string label, string path, Model model)
    {
        var prediction = MemoryPredictor.Predict(model, request.Dimensions, loss, optimizerStates);
        var described = new ReportedModel(label, Path.GetFileName(path), prediction);
        if (!isMeasured) return described;
        var process = new MeasureProcess(() => MeasureProcess.Self(MeasureChildCommand.Name));
        var (measured, execution) = process.MeasureWithTimeline(request with { Model = path });
        return described with { Measured = measured, Execution = execution };
    }
}
