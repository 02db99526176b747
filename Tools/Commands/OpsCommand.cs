using System.CommandLine;
using OnnxActNN.Tools.Rendering;

namespace OnnxActNN.Tools.Commands;

/// <summary><c>ops</c>: the operators that the analysis knows, with what it knows of them.</summary>
internal static class OpsCommand
{
    public static Command Create()
    {
        var json = CommonOptions.Json();
        var markdown = new Option<bool>("--markdown") { Description = "Print docs/operators.md." };
        var command = new Command("ops", "Lists the operators that are known, and what each needs of what it reads.")
        {
            json,
            markdown,
        };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) JsonReport.Write(output, OperatorList.Json());
            else if (parsed.GetValue(markdown)) output.Write(OperatorList.Markdown());
            else OperatorList.WriteTable(output);
            return ExitCode.Done;
        });
        return command;
    }
}
