using System.Globalization;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Planning;

/// <summary><c>allocation</c>: the gradient error of planned levels against 2 bits for every tensor, at the same saved bytes.</summary>
internal static class AllocationVerb
{
    private const int Draws = 8;
    private const int Checks = 48;

    public static int Run(string[] arguments, TextWriter output)
    {
        if (arguments.Length == 0) return 2;
        output.WriteLine("| entry | saved | 2 bits: kept | error | planned from the profile, same bytes | from measured tensors, same bytes | from measured, 1.5 bits: kept | error |");
        output.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var folder in arguments)
        {
            output.WriteLine(Report(folder));
            output.Flush();
        }
        return 0;
    }

    private static string Report(string folder)
    {
        var inputs = ZooProfile.Open(folder);
        var original = ModelWriter.Write(inputs.Model);
        var options = ZooProfile.Options(inputs);
        var measured = ZooProfile.Of(folder, Draws);
        var uniform = TrainingGraphRewriter.Rewrite(original, options);
        var bytes = uniform.Report.StoredBytes!.Value;
        var same = new PlanBudget(BudgetKind.SavedBytes, bytes);
        var (error, kept) = Error(options);
        var (predictedError, _) = Error(options with { Plan = Plan(measured with { Measured = [] }, same) });
        var (measuredError, _) = Error(options with { Plan = Plan(measured, same) });
        var (lowError, lowKept) = Error(options with { Plan = Plan(measured, new PlanBudget(BudgetKind.AverageBits, 1.5)) });
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {Path.GetFileName(folder)} | {uniform.Report.SavedBytes / 1e3:F0} kB | {kept / 1e3:F1} kB | {error:G3} | {predictedError:G3} | {measuredError:G3} | {lowKept / 1e3:F1} kB | {lowError:G3} |");

        BitPlan Plan(ActivationProfile profile, PlanBudget budget) =>
            TrainingGraphPlanner.Plan(original, new PlanRequest { Budget = budget, Profile = profile, Rewrite = options, Exact = true });

        (double Error, long Kept) Error(RewriteOptions of) => ErrorOf(inputs, original, of);
    }

    /// <summary>E‖ĝ − g‖² over ‖g‖² of the whole gradient, and the bytes kept.</summary>
    private static (double Error, long Kept) ErrorOf(MeasureInputs inputs, byte[] original, RewriteOptions options)
    {
        var rewritten = TrainingGraphRewriter.Rewrite(original, options with { Runtime = TargetRuntime.Stock });
        using var feeds = inputs.Feeds(step: 0);
        var result = Verification.Run(
            ModelReader.Read(original), rewritten.Model, inputs.Parameters, feeds, inputs.Signature.LossOutput, Checks, new SessionSettings { Threads = 1 });
        var squares = result.Parameters.Sum(parameter => parameter.SquaredNorm);
        var errors = result.Parameters.Where(parameter => parameter.SquaredNorm > 0).Sum(parameter => parameter.RelativeError * parameter.SquaredNorm);
        return (errors / squares, rewritten.Report.StoredBytes!.Value);
    }
}
