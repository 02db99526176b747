using System.CommandLine;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Tools.Reporting;

namespace OnnxActNN.Tools.Commands;

/// <summary>
/// <c>report ORIGINAL [REWRITTEN] -o report.html</c>: one page that shows where a training step's memory goes,
/// predicted from the graphs and, where asked for, measured.
/// </summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var original = new Argument<string>("ORIGINAL") { Description = "A training graph (.onnx)." };
        var rewritten = new Argument<string?>("REWRITTEN")
        {
            Description = "The same, rewritten.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var target = CommonOptions.Output("File to write (.html).");
        var force = CommonOptions.Force();
        var measure = new Option<bool>("--measure")
        {
            Description = "Run both graphs too, and show what was measured.",
        };
        var csv = new Option<string?>("--csv")
        {
            Description = "Show loss and accuracy of a run: what train --csv wrote.",
        };
        var optimizer = CommonOptions.OptimizerStates();
        var loss = CommonOptions.Loss();
        var json = CommonOptions.Json();
        var options = new MeasureOptionSet();
        var command = new Command(
            "report", "Writes a page that shows where a training step's memory goes, before and after.")
        {
            original, rewritten, target, force, measure, csv, optimizer, loss, json,
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var path = parsed.GetValue(target)!;
            OutputTarget.Check(parsed.GetValue(original)!, path, parsed.GetValue(force));
            var request = options.Read(parsed, parsed.GetValue(original)!);
            var curves = parsed.GetValue(csv) is { } file ? TrainingCurve.ReadFile(file) : [];
            var builder = new ReportBuilder(
                request, parsed.GetValue(loss), parsed.GetValue(optimizer), parsed.GetValue(measure));
            var (models, tensors) = builder.Build(parsed.GetValue(rewritten));
            var data = ReportData.Of(models, request.Dimensions, tensors, curves);
            AtomicFile.Write(path, System.Text.Encoding.UTF8.GetBytes(ReportPage.Render(data)));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) JsonReport.Write(output, ReportSummary.Json(models, path));
            else ReportSummary.Write(output, models, path);
            return ExitCode.Done;
        });
        return command;
    }
}
