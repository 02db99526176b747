using System.CommandLine;
using OnnxActNN.Tools.Demo;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Loops;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Tools.Commands;

/// <summary><c>demo</c>: trains a small built-in network twice, in float32 and packed, and shows both.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var batch = new Option<int>("--batch") { Description = "Samples per step.", DefaultValueFactory = _ => 32 };
        var epochs = new Option<int>("--epochs")
        {
            Description = "Passes over the images.",
            DefaultValueFactory = _ => 4,
        };
        var keep = new Option<string?>("--keep")
        {
            Description = "A new folder for its files, to go on with; without it they are gone afterwards.",
        };
        var json = CommonOptions.Json();
        var command = new Command(
            "demo", "Trains a small network in float32 and with 2 bits, and shows accuracy and memory.")
        {
            batch, epochs, keep, json,
        };
        batch.Require(
            value => value is >= 1 and <= DemoTraining.TrainingImages, $"is 1 to {DemoTraining.TrainingImages}");
        epochs.RequireAtLeast(1);
        command.SetAction(parsed =>
        {
            using var temporary = new TemporaryFolder();
            var training = new DemoTraining(
                FolderFor(parsed.GetValue(keep)) ?? temporary.PathOf("."), parsed.GetValue(batch));
            var output = parsed.InvocationConfiguration.Output;
            var passes = parsed.GetValue(epochs);
            if (parsed.GetValue(json))
                JsonReport.Write(output, DemoReport.Json(training.Run(passes, new CollectedResults())));
            else
                Show(training, passes, output);
            return ExitCode.Done;
        });
        return command;
    }

    private static string? FolderFor(string? kept)
    {
        if (kept is null) return null;
        if (Path.Exists(kept)) throw new IOException($"'{kept}' is there already.");
        return Directory.CreateDirectory(kept).FullName;
    }

    private static void Show(DemoTraining training, int epochs, TextWriter output)
    {
        output.WriteLine(
            $"A network of {training.Convolutions} convolutions learns {DemoTraining.TrainingImages} drawn images "
            + "of ten kinds on ONNX");
        output.WriteLine($"Runtime {OrtLibrary.Version}, twice from the same start: in float32, and with what it");
        output.WriteLine("saves for the backward pass kept in 2 bits.");
        output.WriteLine();
        IReadOnlyList<DemoRun> runs = [];
        TrainTable.Show(output, table =>
        {
            runs = training.Run(epochs, table);
            return true;
        });
        output.WriteLine();
        DemoReport.WriteTable(output, runs);
        output.WriteLine();
        output.WriteLine("On a training graph of your own: onnxactnn train ARTIFACTS --data PATH --compare");
    }
}
