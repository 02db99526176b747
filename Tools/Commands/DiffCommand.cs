using System.CommandLine;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Tools.Comparing;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Commands;

/// <summary>
/// <c>diff A B</c>: nodes, contract with callers, and bytes of two models. Ends with exit code 1 where the contract
/// differs.
/// </summary>
internal static class DiffCommand
{
    public static Command Create()
    {
        var first = new Argument<string>("A") { Description = "A model (.onnx)." };
        var second = new Argument<string>("B") { Description = "Another, usually the rewritten one." };
        var dimensions = CommonOptions.Dimensions();
        var loss = CommonOptions.Loss();
        var json = CommonOptions.Json();
        var command = new Command("diff", "Compares two models: nodes, inputs and outputs, bytes.")
        {
            first,
            second,
            dimensions,
            loss,
            json,
        };
        command.SetAction(parsed =>
        {
            var (pathA, pathB) = (parsed.GetValue(first)!, parsed.GetValue(second)!);
            var (modelA, modelB) = (ModelReader.ReadFile(pathA), ModelReader.ReadFile(pathB));
            var difference = GraphDifference.Of(modelA, modelB);
            var memory = Predict(modelA, modelB, parsed.GetValue(dimensions) ?? [], parsed.GetValue(loss));
            var report = new DifferenceReport(
                difference, (new FileInfo(pathA).Length, new FileInfo(pathB).Length), memory);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) JsonReport.Write(output, report.Json());
            else report.WriteTable(output);
            return difference.Contract.Count == 0 ? ExitCode.Done : ExitCode.CheckFailed;
        });
        return command;
    }

    private static (MemoryPrediction First, MemoryPrediction Second)? Predict(
        Model first, Model second, Dictionary<string, long> dimensions, string? loss)
    {
        if (OpenDimensions.Of(first.Graph, dimensions).Count > 0
            || OpenDimensions.Of(second.Graph, dimensions).Count > 0)
            return null;
        try
        {
            return (MemoryPredictor.Predict(first, dimensions, loss),
                MemoryPredictor.Predict(second, dimensions, loss));
        }
        catch (UnsupportedGraphException)
        {
            // Models that are no training graphs have nodes and a contract all the same.
            return null;
        }
    }
}
