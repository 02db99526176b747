using System.Globalization;
using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Benchmarks.Planning;

/// <summary>
/// <c>allocation</c>: the gradient error of planned levels against 2 bits for every tensor, at the same saved bytes and
/// at 1.5 bits on average; and against what a rewrite does without a plan.
/// </summary>
internal static class AllocationVerb
{
    private const int Draws = 8;
    private const double LowAverage = 1.5;

    public static int Run(string[] arguments, TextWriter output)
    {
        if (arguments.Length == 0) return 2;
        output.WriteLine("| entry | saved | 2 bits each: kept | error | planned, same bytes: from the profile | from "
            + "measured | planned, 1.5 bits: kept | error | no plan: kept | error | planned, same bytes |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
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
        var (predicted, name) = (measured with { Measured = [] }, Path.GetFileName(folder));
        var each = Uniform(original, options);
        var (uniform, unplanned) = (Error(each), Error(options));
        var low = Plan(measured, new PlanBudget(BudgetKind.AverageBits, LowAverage));
        string[] cells =
        [
            name, $"{TrainingGraphRewriter.Rewrite(original, options).Report.SavedBytes / 1e3:F0} kB", Bytes(uniform),
            Number(uniform), Number(At(predicted, each)), Number(At(measured, each)),
            Bytes(low), Number(low), Bytes(unplanned), Number(unplanned), Number(At(measured, options)),
        ];
        return $"| {string.Join(" | ", cells)} |";

        // Both as plans count: the bytes of the graph for the training runtime. Lowered for the stock one, an LSTM
        // keeps less.
        GradientError? At(ActivationProfile profile, RewriteOptions other) => Plan(
            profile, new PlanBudget(
                BudgetKind.SavedBytes, TrainingGraphRewriter.Rewrite(original, other).Report.StoredBytes!.Value));

        GradientError? Plan(ActivationProfile profile, PlanBudget budget)
        {
            var plan = TrainingGraphPlanner.Plan(
                original, new PlanRequest { Budget = budget, Profile = profile, Rewrite = options, Exact = true });
            return plan.Verdict == PlanVerdict.Fits ? Error(options with { Plan = plan }) : null;
        }

        GradientError Error(RewriteOptions of) => GradientError.Of(inputs, original, of);
    }

    /// <summary>Two bits for each tensor that a rewrite packs, whoever reads it; nothing rebuilt.</summary>
    private static RewriteOptions Uniform(byte[] original, RewriteOptions options)
    {
        var alone = options with { Rebuild = RebuildScope.None };
        var packed = TrainingGraphRewriter.Rewrite(original, alone).Pairs.Where(pair => pair.Plan.Code is not null)
            .Select(pair => pair.Plan.Tensor.Value.Name).Distinct()
            .Select(name => new PlannedTensor
            {
                Name = name,
                Decision = StorageDecision.Quantize,
                Levels = CodeWidths.Levels(CodeWidth.TwoBits),
            });
        return alone with { Plan = BitPlan.Of(packed, ModelFingerprint.Of(ModelReader.Read(original))) };
    }

    private static string Bytes(GradientError? error) =>
        error is null ? "does not fit" : string.Create(CultureInfo.InvariantCulture, $"{error.Kept / 1e3:F1} kB");

    private static string Number(GradientError? error) =>
        error is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{error.Relative:G3}");
}
