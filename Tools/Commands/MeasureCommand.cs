using System.CommandLine;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Tools.Commands;

/// <summary>
/// <c>measure MODEL</c>: runs training steps and prints saved bytes, both peaks, and time; of two models side by side.
/// </summary>
internal static class MeasureCommand
{
    public static Command Create()
    {
        var model = CommonOptions.Model();
        var against = CommonOptions.Against();
        var options = new MeasureOptionSet();
        var json = CommonOptions.Json();
        var command = new Command("measure", "Runs training steps and measures memory and time.")
        {
            model, against, json,
        };
        options.AddTo(command);
        command.SetAction(parsed =>
        {
            var measured = Measure(options.Read(parsed, parsed.GetValue(model)!), parsed.GetValue(against));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) JsonReport.Write(output, MeasureReport.Json(measured));
            else MeasureReport.WriteTable(output, measured);
            return ExitCode.Done;
        });
        return command;
    }

    private static List<MeasuredModel> Measure(MeasureRequest request, string? against)
    {
        string[] models = against is null ? [request.Model] : [request.Model, Path.GetFullPath(against)];
        MeasureOptionSet.RequireFiles(request, models);
        var process = new MeasureProcess(() => MeasureProcess.Self(MeasureChildCommand.Name));
        return [.. models.Select(path => process.Measure(request with { Model = path }))];
    }
}
