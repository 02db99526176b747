using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Tools.Rendering;

namespace OnnxActNN.Tools.Commands;

/// <summary>
/// <c>lower MODEL -o OUT</c>: writes a training graph with operators of the current ONNX Runtime alone. Operators that
/// cannot be lowered end it with exit code 3 and one line each.
/// </summary>
internal static class LowerCommand
{
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "A training graph (.onnx) of ONNX Runtime." };
        var target = CommonOptions.Output();
        var force = CommonOptions.Force();
        var json = CommonOptions.Json();
        var command = new Command(
            "lower", "Replaces gradient operators by standard ones, so that any current ONNX Runtime trains the graph.")
        {
            model, target, force, json,
        };
        command.SetAction(parsed =>
        {
            var (source, path) = (parsed.GetValue(model)!, parsed.GetValue(target)!);
            OutputTarget.Check(source, path, parsed.GetValue(force));
            var result = GraphLowering.LowerFile(source);
            result.Save(path);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) JsonReport.Write(output, Report(result));
            else WriteTable(output, result);
            return ExitCode.Done;
        });
        return command;
    }

    private static JsonObject Report(LoweringResult result) => new()
    {
        ["opset"] = result.Opset,
        ["nodes"] = result.Nodes,
        ["replaced"] = new JsonObject(
            result.Replaced.Select(row => KeyValuePair.Create<string, JsonNode?>(row.Key, row.Value))),
    };

    private static void WriteTable(TextWriter output, LoweringResult result)
    {
        var width = result.Replaced.Keys.Select(name => name.Length).DefaultIfEmpty(0).Max();
        foreach (var (name, count) in result.Replaced)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name.PadRight(width)} {count,6}"));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Replaced.Values.Sum()} nodes lowered; {result.Nodes} nodes at opset {result.Opset}."));
    }
}
