using System.CommandLine;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Tools.Exporting;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Commands;

/// <summary><c>export MODEL --format FORMAT -o OUT</c>: the memory of a training step in a form that another viewer
/// reads.</summary>
internal static class ExportCommand
{
    private static readonly (string Name, ExportFormat Format)[] Formats =
    [
        ("csv", ExportFormat.Csv), ("timeline-csv", ExportFormat.TimelineCsv),
        ("chrome-trace", ExportFormat.ChromeTrace),
        ("memory-viz", ExportFormat.MemoryViz), ("model-explorer", ExportFormat.ModelExplorer),
        ("netron", ExportFormat.Netron),
    ];

    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A training graph (.onnx), original or rewritten." };
        var format = new Option<string>("--format")
        {
            Description = $"One of {string.Join(", ", Formats.Select(row => row.Name))}.",
            Required = true,
        };
        var target = CommonOptions.Output();
        var force = CommonOptions.Force();
        var dimensions = CommonOptions.Dimensions();
        var states = CommonOptions.OptimizerStates();
        var loss = CommonOptions.Loss();
        var command = new Command("export", "Writes the memory of a training step for another viewer.")
        {
            model, format, target, force, dimensions, states, loss,
        };
        format.AcceptOnlyFromAmong([.. Formats.Select(row => row.Name)]);
        command.SetAction(parsed =>
        {
            var (source, path) = (parsed.GetValue(model)!, parsed.GetValue(target)!);
            OutputTarget.Check(source, path, parsed.GetValue(force));
            var sizes = parsed.GetValue(dimensions) ?? [];
            var read = ModelReader.ReadFile(source);
            CommonOptions.RequireSizes(read.Graph, sizes);
            var prediction = MemoryPredictor.Predict(read, sizes, parsed.GetValue(loss), parsed.GetValue(states));
            AtomicFile.Write(path, Array.Find(Formats, row => row.Name == parsed.GetValue(format)).Format switch
            {
                ExportFormat.TimelineCsv => CsvExport.Timeline(prediction),
                ExportFormat.ChromeTrace => ChromeTraceExport.Write(prediction),
                ExportFormat.MemoryViz => MemoryVizExport.Write(prediction),
                ExportFormat.ModelExplorer => ModelExplorerExport.Write(read, prediction),
                ExportFormat.Netron => NetronExport.Write(read, prediction),
                _ => CsvExport.Buffers(prediction),
            });
            parsed.InvocationConfiguration.Output.WriteLine($"Wrote {path}.");
            return ExitCode.Done;
        });
        return command;
    }
}
