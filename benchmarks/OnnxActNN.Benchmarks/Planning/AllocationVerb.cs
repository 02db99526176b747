using System.Globalization;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Benchmarks.Planning;

/// <summary><c>allocation</c>: the gradient error of planned levels against 2 bits for every tensor, at the same saved bytes.</summary>
internal static class AllocationVerb
{
    private const int Draws = 8;

    public static int Run(string[] arguments, TextWriter output)
    {
        if (arguments.Length == 0) return 2;
        output.WriteLine("| entry | saved | 2 bits, none rebuilt: kept | error | 2 bits, rebuilt: kept | error | planned from the profile, bytes as first | from measured, bytes as first | from measured, 1.5 bits: kept | error |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|");
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
        var alone = options with { Rebuild = RebuildScope.None };
        var uniform = TrainingGraphRewriter.Rewrite(original, alone);
        var bytes = uniform.Report.StoredBytes!.Value;
        var same = new PlanBudget(BudgetKind.SavedBytes, bytes);
        var (error, kept) = Error(alone);
        var (rebuiltError, rebuiltKept) = Error(options);
        var (predictedError, _) = Error(options with { Plan = Plan(measured with { Measured = [] }, same) });
        var (measuredError, _) = Error(options with { Plan = Plan(measured, same) });
        var (lowError, lowKept) = Error(options with { Plan = Plan(measured, new PlanBudget(BudgetKind.AverageBits, 1.5)) });
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {Path.GetFileName(folder)} | {uniform.Report.SavedBytes / 1e3:F0} kB | {kept / 1e3:F1} kB | {error:G3} | {rebuiltKept / 1e3:F1} kB | {rebuiltError:G3} | {predictedError:G3} | {measuredError:G3} | {lowKept / 1e3:F1} kB | {lowError:G3} |");

        BitPlan Plan(ActivationProfile profile, PlanBudget budget) =>
            TrainingGraphPlanner.Plan(original, new PlanRequest { Budget = budget, Profile = profile, Rewrite = options, Exact = true });

        GradientError Error(RewriteOptions of) => GradientError.Of(inputs, original, of);
    }
}
