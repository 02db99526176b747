using System.CommandLine;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Tools.Rendering;

namespace OnnxActNN.Tools.Commands;

/// <summary>
/// <c>rewrite MODEL -o OUT</c>: packs what a training graph saves. Takes a file or a folder of artifacts.
/// </summary>
internal static class RewriteCommand
{
    public static Command Create()
    {
        var model = CommonOptions.ModelOrFolder();
        var target = CommonOptions.Output("File or folder to write.");
        var force = CommonOptions.Force();
        var json = CommonOptions.Json();
        var all = CommonOptions.All();
        var plan = new Option<string?>("--plan")
        {
            Description = "A plan of 'onnxactnn plan': which tensor gets how many levels, and the options that it was "
                + "made with.",
        };
        var options = new RewriteOptionSet();
        var command = new Command(
            "rewrite", "Rewrites a training graph so that what it saves takes a few bits per element.")
        {
            model, target, force, json, all, plan,
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var rewrite = options.Read(parsed);
            if (parsed.GetValue(plan) is { } path) rewrite = rewrite.Under(PlanFile.Read(path));
            var report = Rewrite(parsed.GetValue(model)!, parsed.GetValue(target)!, parsed.GetValue(force), rewrite);
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) JsonReport.Write(output, JsonReport.Rewrite(report));
            else SavedTensorTable.Write(output, report, parsed.GetValue(all), isRewritten: true);
            foreach (var unknown in report.UnknownOperators)
                parsed.InvocationConfiguration.Error.WriteLine(
                    $"onnxactnn: {unknown} is not in the operator table; what it reads stays exact.");
            return ExitCode.Done;
        });
        return command;
    }

    private static SavedTensorReport Rewrite(string source, string target, bool force, RewriteOptions options)
    {
        OutputTarget.Check(source, target, force);
        if (Directory.Exists(source)) return ArtifactFolder.Rewrite(source, target, options);
        var result = TrainingGraphRewriter.RewriteFile(source, options);
        result.Save(target);
        return result.Report;
    }
}
