using System.Globalization;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Training.Gradients;
using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Benchmarks.Planning;

/// <summary>
/// <c>peak</c>: ten peak budgets up to the original's peak, and the peaks that are measured under them.
/// </summary>
internal static class PeakVerb
{
    private const int Budgets = 10;
    private const long Batch = 32;

    public static int Run(string[] arguments, TextWriter output)
    {
        if (arguments.Length == 0) return 2;
        CountingAllocator.Register();
        var isKept = true;
        foreach (var folder in arguments) isKept &= Report(folder, output);
        return isKept ? 0 : 1;
    }

    private static bool Report(string folder, TextWriter output)
    {
        var inputs = new MeasureInputs(new MeasureRequest
        {
            Model = Path.Combine(folder, "training_model.onnx"),
            Entry = Path.Combine(folder, "entry.json"),
            Dimensions = new Dictionary<string, long> { ["batch"] = Batch },
        });
        var original = ModelWriter.Write(inputs.Model);
        var options = ZooProfile.Options(inputs) with { Runtime = TargetRuntime.Stock };
        var profile = ZooProfile.Of(folder, draws: 0);
        var full = Measure(inputs, ModelReader.Read(original));
        var least = PlanFor(1);
        var name = Path.GetFileName(folder);
        var leastPeak = least.PeakBytes / 1e6;
        output.WriteLine(
            Text($"## {name}, {Batch} samples: original {full / 1e6:F2} MB, least by plan {leastPeak:F2} MB"));
        output.WriteLine("| budget | verdict | planned peak | measured | kept |");
        output.WriteLine("|---|---|---|---|---|");
        var isKept = true;
        for (var index = 1; index <= Budgets; index++)
        {
            var budget = least.PeakBytes!.Value * 0.9 + (full - least.PeakBytes.Value * 0.9) * index / Budgets;
            var plan = PlanFor(budget);
            if (plan.Verdict != PlanVerdict.Fits)
            {
                output.WriteLine(Text($"| {budget / 1e6:F2} MB | {plan.Verdict} | {plan.PeakBytes / 1e6:F2} MB | | |"));
                continue;
            }
            var measured = Measure(inputs, TrainingGraphRewriter.Rewrite(original, options with { Plan = plan }).Model);
            isKept &= measured <= budget;
            var planned = Text($"| {budget / 1e6:F2} MB | {plan.Verdict} | {plan.PeakBytes / 1e6:F2} MB ");
            output.WriteLine(planned + Text($"| {measured / 1e6:F2} MB | {(measured <= budget ? "yes" : "NO")} |"));
        }
        return isKept;

        BitPlan PlanFor(double budget) => TrainingGraphPlanner.Plan(
            original,
            new PlanRequest
            {
                Budget = new PlanBudget(BudgetKind.PeakBytes, budget),
                Profile = profile,
                Rewrite = options,
            });
    }

    /// <summary>Bytes of a step on top of what stays between steps, of the second step.</summary>
    private static long Measure(MeasureInputs inputs, Model model)
    {
        var settings = new SessionSettings { Threads = 1, SharedAllocator = true };
        using var source = new GradientSource(model, inputs.Parameters, inputs.Signature.LossOutput, settings);
        using var feeds = inputs.Feeds(step: 0);
        source.Run(feeds.Values);
        var before = CountingAllocator.InUse;
        CountingAllocator.ResetPeak();
        source.Run(feeds.Values);
        return CountingAllocator.Peak - before;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
