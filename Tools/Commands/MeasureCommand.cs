using System.CommandLine;
using System.CommandLine.Parsing;
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
        var model = new Argument<string>("MODEL") { Description = "A training graph (.onnx)." };
        var against = new Option<string?>("--against") { Description = "A second graph to compare with, usually the rewritten one." };
        var dimensions = CommonOptions.Dimensions();
        var checkpoint = new Option<string?>("--checkpoint")
        {
            Description = "Parameters; without it those beside the model, else drawn from the seed.",
        };
        var entry = new Option<string?>("--entry") { Description = "An entry.json whose formulas give the inputs; without it they are drawn from the seed." };
        var steps = new Option<int>("--steps") { Description = "Steps that are timed, after one that is not.", DefaultValueFactory = _ => 5 };
        var runtime = new Option<MeasureRuntime>("--runtime")
        {
            Description = "training: a training session with optimizer steps. stock: a plain session.",
            DefaultValueFactory = _ => MeasureRuntime.Training,
        };
        var library = new Option<string?>("--ort-library") { Description = "Folder of the native ONNX Runtime; without it the application's own." };
        var threads = new Option<int>("--threads") { Description = "Threads within an operator; 0 for one per core." };
        var arena = new Option<bool>("--arena") { Description = "Leave ONNX Runtime's arena on; it hides freed memory from the measured peak." };
        var seed = new Option<ulong>("--seed") { Description = "Seed of drawn parameters and inputs.", DefaultValueFactory = _ => 1 };
        var json = CommonOptions.Json();
        var command = new Command("measure", "Runs training steps and measures memory and time.")
        {
            model, against, dimensions, checkpoint, entry, steps, runtime, library, threads, arena, seed, json,
        };
        steps.Validators.Add(result => RequireAtLeast(result, 1));
        command.SetAction(parsed =>
        {
            var request = new MeasureRequest
            {
                Model = Path.GetFullPath(parsed.GetValue(model)!),
                Runtime = parsed.GetValue(runtime),
                Library = parsed.GetValue(library),
                Dimensions = parsed.GetValue(dimensions) ?? [],
                Checkpoint = parsed.GetValue(checkpoint) ?? CheckpointBeside(parsed.GetValue(model)!),
                Entry = parsed.GetValue(entry),
                Steps = parsed.GetValue(steps),
                Seed = parsed.GetValue(seed),
                Threads = parsed.GetValue(threads),
                Arena = parsed.GetValue(arena),
            };
            var measured = Measure(request, parsed.GetValue(against));
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
        foreach (var path in models.Concat([request.Checkpoint, request.Entry]).OfType<string>())
        {
            if (!File.Exists(path)) throw new FileNotFoundException($"there is no file '{path}'.", path);
        }
        var process = new MeasureProcess(() => MeasureProcess.Self(MeasureChildCommand.Name));
        return [.. models.Select(path => process.Measure(request with { Model = path }))];
    }

    /// <summary>The checkpoint of the original serves the rewritten graph too, which may lie elsewhere.</summary>
    private static string? CheckpointBeside(string model)
    {
        var beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(model))!, "checkpoint");
        return File.Exists(beside) ? beside : null;
    }

    private static void RequireAtLeast(OptionResult result, int least)
    {
        if (result.GetValueOrDefault<int>() < least) result.AddError($"{result.Option.Name} is at least {least}.");
    }
}
