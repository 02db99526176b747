using System.CommandLine;
using OnnxActNN.Rewriter;
using OnnxActNN.TestModels;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Tools.Commands;

/// <summary><c>demo</c>: the main job on a small built-in model, on the ONNX Runtime that this tool carries.</summary>
internal static class DemoCommand
{
    private const string ModelName = "step-deep";

    public static Command Create()
    {
        var batch = new Option<int>("--batch") { Description = "Samples per step.", DefaultValueFactory = _ => 32 };
        var json = CommonOptions.Json();
        var command = new Command("demo", "Rewrites a small convolutional network and shows the memory before and after.") { batch, json };
        command.SetAction(parsed =>
        {
            var folder = Directory.CreateTempSubdirectory("onnxactnn-demo-");
            try
            {
                Run(folder.FullName, parsed.GetValue(batch), parsed.GetValue(json), parsed.InvocationConfiguration.Output);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
            return ExitCode.Done;
        });
        return command;
    }

    private static void Run(string folder, int batch, bool json, TextWriter output)
    {
        TestModelFiles.Write(TestModelCatalog.Find(ModelName), folder, batch);
        var original = Path.Combine(folder, TestModelFiles.Graph);
        var rewritten = Path.Combine(folder, "packed_model.onnx");
        var dimensions = new Dictionary<string, long> { [TestModel.BatchDimension] = batch };
        var result = TrainingGraphRewriter.RewriteFile(original, new RewriteOptions { Dimensions = dimensions });
        result.Save(rewritten);

        var process = new MeasureProcess(() => MeasureProcess.Self(MeasureChildCommand.Name));
        var request = new MeasureRequest
        {
            Model = original,
            Runtime = MeasureRuntime.Stock,
            Dimensions = dimensions,
            Entry = Path.Combine(folder, TestModelFiles.Entry),
        };
        MeasuredModel[] measured = [process.Measure(request), process.Measure(request with { Model = rewritten })];
        if (json)
        {
            JsonReport.Write(output, MeasureReport.Json(measured));
            return;
        }
        output.WriteLine($"A network of 33 convolutions, {batch} samples of 28x28, what it saves rewritten to 2 bits:");
        MeasureReport.WriteTable(output, measured);
        output.WriteLine("Try it on a training graph of your own: onnxactnn rewrite training_model.onnx -o packed.onnx");
    }
}
