using System.CommandLine;
using System.Text.Json.Nodes;
using OnnxActNN.Tools.Diagnosing;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Runtime;
using Spectre.Console;

namespace OnnxActNN.Tools.Commands;

/// <summary>
/// <c>doctor</c>: what this machine has for training rewritten graphs, and what to do about the rest. Ends with exit
/// code 3 where rewritten graphs cannot run.
/// </summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var library = new Option<string?>("--ort-library")
        {
            Description = "Folder of the native ONNX Runtime to look at; without it the tool's own.",
        };
        var operators = new Option<string?>("--operator-library")
        {
            Description = "The shared library with the operators, for Python and C++.",
        };
        var json = CommonOptions.Json();
        var command = new Command("doctor", "Looks at what this machine has for training rewritten graphs.")
        {
            library,
            operators,
            json,
        };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(library) is { } path) OrtLibrary.Use(path);
            var findings = Doctor.Examine(parsed.GetValue(operators));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) JsonReport.Write(output, Json(findings));
            else WriteTable(output, findings);
            return findings.Any(finding => finding.State == FindingState.Broken) ? ExitCode.Unsupported : ExitCode.Done;
        });
        return command;
    }

    private static JsonObject Json(IEnumerable<Finding> findings) => new()
    {
        ["findings"] = new JsonArray([.. findings.Select(finding => new JsonObject
        {
            ["subject"] = finding.Subject,
            ["state"] = finding.State.ToString().ToLowerInvariant(),
            ["detail"] = finding.Detail,
            ["fix"] = finding.Fix,
        })]),
    };

    private static void WriteTable(TextWriter output, IEnumerable<Finding> findings)
    {
        var table = new Table().Border(TableBorder.Simple).HideHeaders().AddColumn("").AddColumn("").AddColumn("");
        foreach (var finding in findings)
        {
            var text = finding.Fix is null ? finding.Detail : $"{finding.Detail}\n→ {finding.Fix}";
            table.AddRow(
                new Text(finding.State.ToString().ToLowerInvariant()), new Text(finding.Subject), new Text(text));
        }
        Terminal.Over(output).Write(table);
    }
}
