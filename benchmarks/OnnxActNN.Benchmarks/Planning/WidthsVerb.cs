using System.Globalization;
using OnnxActNN.Format;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;

namespace OnnxActNN.Benchmarks.Planning;

/// <summary>
/// <c>widths</c>: the gradient error of plans with a width for each tensor, for groups and for samples, in the bytes
/// that the first takes at several averages; and of widths that go to groups in each order, in the same bytes.
/// </summary>
internal static class WidthsVerb
{
    private const int Draws = 8;

    private static readonly WidthOrder[] s_orders = Enum.GetValues<WidthOrder>();

    public static int Run(string[] arguments, TextWriter output)
    {
        if (arguments.Length == 0) return 2;
        output.WriteLine(
            "| entry | bits | per tensor: kept | predicted | error | per group: tensors | kept | predicted | error "
            + "| per sample: tensors | kept | predicted | error |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var folder in arguments)
        {
            foreach (var bits in (double[])[1, 1.5, 2, 3])
            {
                output.WriteLine(Report(folder, bits));
                output.Flush();
            }
        }
        output.WriteLine($"| entry | kept | {string.Join(" | ", s_orders.Select(PackAttributes.TextOf))} |");
        output.WriteLine($"|---|---|{string.Concat(s_orders.Select(_ => "---|"))}");
        foreach (var folder in arguments)
        {
            output.WriteLine(ReportOrders(folder));
            output.Flush();
        }
        return 0;
    }

    /// <summary>From 2 bits to 8, 2.9 on average, for every coded tensor; none rebuilt.</summary>
    private static string ReportOrders(string folder)
    {
        var inputs = ZooProfile.Open(folder);
        var original = ModelWriter.Write(inputs.Model);
        var options = ZooProfile.Options(inputs) with { Rebuild = RebuildScope.None };
        var coded = TrainingGraphRewriter.Rewrite(original, options).Pairs.Where(pair => pair.Plan.Format is not null)
            .Select(pair => pair.Plan.Tensor.Value.Name).Distinct().ToList();
        var errors = s_orders.Select(order => GradientError.Of(inputs, original, options with
        {
            Plan = BitPlan.Of(
                coded.Select(name => new PlannedTensor
                {
                    Name = name,
                    Decision = StorageDecision.Quantize,
                    Levels = CodeWidths.Levels(CodeWidth.TwoBits),
                    WidthShares = [255, 100, 20],
                    WidthOrder = order,
                }),
                ModelFingerprint.Of(inputs.Model)),
        })).ToList();
        var cells = errors.Select(error => Text($"{error.Relative:G3}")).Prepend(Text($"{errors[0].Kept / 1e3:F1} kB"));
        return $"| {Path.GetFileName(folder)} | {string.Join(" | ", cells)} |";
    }

    private static string Report(string folder, double bits)
    {
        var inputs = ZooProfile.Open(folder);
        var original = ModelWriter.Write(inputs.Model);
        var request = new PlanRequest
        {
            Budget = new PlanBudget(BudgetKind.AverageBits, bits),
            Profile = ZooProfile.Of(folder, Draws),
            Rewrite = ZooProfile.Options(inputs),
            Exact = true,
        };
        var average = Plan(request);
        var row = Text($"| {Path.GetFileName(folder)} | {bits}");
        if (average.Verdict != PlanVerdict.Fits)
            return $"{row} | does not fit |{string.Concat(Enumerable.Repeat(" – |", 10))}";
        // All three under one budget of bytes: what is best for an average is not what is best for bytes.
        var same = request with { Budget = new PlanBudget(BudgetKind.SavedBytes, average.StoredBytes!.Value) };
        var (perGroup, perSample) = (Plan(same with { PerGroup = true }), Plan(same with { PerSample = true }));
        return $"{row} | {Cells(Plan(same))} | {Mixed(perGroup)} | {Cells(perGroup)} "
            + $"| {Mixed(perSample)} | {Cells(perSample)} |";

        // Tensors with widths of their own, and of all that are coded.
        static string Mixed(BitPlan plan)
        {
            var coded = plan.Tensors.Where(tensor => tensor.Levels > 0).ToList();
            return $"{coded.Count(tensor => tensor.WidthShares is not null)} of {coded.Count}";
        }

        BitPlan Plan(PlanRequest of) => TrainingGraphPlanner.Plan(original, of);

        string Cells(BitPlan plan)
        {
            var error = GradientError.Of(inputs, original, request.Rewrite with { Plan = plan });
            return Text($"{error.Kept / 1e3:F1} kB | {plan.RelativeVariance:G3} | {error.Relative:G3}");
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
