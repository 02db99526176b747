using System.CommandLine;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Sensitivity;
using OnnxActNN.Tools.Rendering;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Tools.Commands;

/// <summary>
/// <c>verify ORIGINAL REWRITTEN</c>: the loss is the original's, and the gradients are right on average.
/// </summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var original = new Argument<string>("ORIGINAL") { Description = "The training graph as exported (.onnx)." };
        var rewritten = new Argument<string>("REWRITTEN") { Description = "The rewritten graph (.onnx)." };
        var seeds = new Option<int>("--seeds") { Description = "Draws of the noise.", DefaultValueFactory = _ => 64 };
        var bias = new Option<double>("--largest-bias")
        {
            Description = "Share of a gradient's norm that a bias may have.",
            DefaultValueFactory = _ => Verification.LargestBias,
        };
        var error = new Option<double>("--largest-error")
        {
            Description = "Most times the gradient's squared norm that its mean squared error may be.",
            DefaultValueFactory = _ => Verification.LargestError,
        };
        var profile = new Option<string?>("--profile")
        {
            Description = "A profile of ORIGINAL: also compare with the variance that it predicts.",
        };
        var threads = CommonOptions.Threads();
        var json = CommonOptions.Json();
        var inputs = new StepInputOptions();
        var command = new Command("verify", "Compares loss and gradients of a rewritten graph with the original's.")
        {
            original, rewritten, seeds, bias, error, profile, threads, json,
        };
        inputs.AddTo(command, hasDimensions: true);
        seeds.RequireAtLeast(2);
        foreach (var limit in new[] { bias, error }) limit.Require(value => value > 0, "is above 0");
        command.SetAction(parsed =>
        {
            var read = inputs.Read(parsed, parsed.GetValue(original)!);
            var path = TrainingArtifacts.Find(parsed.GetValue(rewritten)!).TrainingModel;
            double? predicted = parsed.GetValue(profile) is { } known
                ? PredictedVariance.Of(
                    ModelReader.ReadFile(read.Artifacts.TrainingModel), ModelReader.ReadFile(path),
                    ProfileFile.Read(known))
                : null;
            using var feeds = read.Feeds(step: 0);
            var graphs = new ComparedGraphs(
                () => ModelReader.ReadFile(read.Artifacts.TrainingModel), () => ModelReader.ReadFile(path),
                read.Parameters, feeds, read.Signature.LossOutput,
                new SessionSettings { Threads = parsed.GetValue(threads) });
            var verdict = VerifyVerdict.Of(
                graphs, parsed.GetValue(seeds), parsed.GetValue(bias), parsed.GetValue(error));
            var output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json)) JsonReport.Write(output, VerifyReport.Json(verdict, predicted));
            else VerifyReport.WriteTable(output, verdict, predicted);
            return verdict.Passed ? ExitCode.Done : ExitCode.CheckFailed;
        });
        return command;
    }
}
