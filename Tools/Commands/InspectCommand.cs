using System.CommandLine;
using OnnxActNN.Rewriter;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Tools.Commands;

/// <summary>
/// <c>inspect MODEL</c>: what a training graph saves for its backward pass, and what would become of it.
/// </summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        var model = CommonOptions.ModelOrFolder();
        var json = CommonOptions.Json();
        var all = CommonOptions.All();
        var options = new RewriteOptionSet();
        var command = new Command("inspect", "Shows the tensors that a training graph saves for its backward pass.")
        {
            model,
            json,
            all,
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var report = TrainingGraphRewriter.InspectFile(
                TrainingArtifacts.Find(parsed.GetValue(model)!).TrainingModel, options.Read(parsed));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) JsonReport.Write(output, JsonReport.Inspect(report));
            else SavedTensorTable.Write(output, report, parsed.GetValue(all), isRewritten: false);
            return ExitCode.Done;
        });
        return command;
    }
}
