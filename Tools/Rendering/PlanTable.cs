using System.Globalization;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;
using Spectre.Console;

namespace OnnxActNN.Tools.Rendering;

/// <summary>A plan for people: the verdict, what follows, and the tensors.</summary>
internal static class PlanTable
{
    private const int FewRows = 20;

    public static void Write(TextWriter output, BitPlan plan, bool all)
    {
        var console = Terminal.Over(output);
        var largest = plan.Tensors.OrderByDescending(tensor => tensor.Bytes)
            .ThenBy(tensor => tensor.Name, StringComparer.Ordinal).ToList();
        var shown = all ? largest : largest.Take(FewRows).ToList();
        var table = new Table().Border(TableBorder.Simple)
            .AddColumn("tensor").AddColumn(new TableColumn("bytes").RightAligned())
                .AddColumn(new TableColumn("kept").RightAligned())
            .AddColumn(new TableColumn("levels").RightAligned()).AddColumn("why");
        foreach (var tensor in shown)
        {
            table.AddRow(
                Markup.Escape(tensor.Name), ByteText.Of(tensor.Bytes), ByteText.Of(tensor.StoredBytes),
                WayOf(tensor), Markup.Escape(tensor.Reason));
        }
        console.Write(table);
        if (shown.Count < largest.Count)
            console.MarkupLineInterpolated($"and {largest.Count - shown.Count} smaller ones (--all lists them).");
        console.MarkupLineInterpolated($"{Verdict(plan)}");
        if (plan.LargestBatch is BitPlan.MostSamples)
            console.MarkupLineInterpolated($"The largest batch that fits is {BitPlan.MostSamples} or more.");
        else if (plan.LargestBatch is { } batch)
            console.MarkupLineInterpolated($"The largest batch that fits is {batch}.");
        else if (plan.HasFixedBatch)
            console.MarkupLine("The graph's batch is fixed, so there is no largest one to look for.");
    }

    private static string WayOf(PlannedTensor tensor) => tensor.Decision == StorageDecision.Quantize
        ? string.Create(
            CultureInfo.InvariantCulture, $"{tensor.Levels}{(tensor.WidthShares is null ? "" : " and more")}")
        : tensor.Decision.ToString().ToLowerInvariant();

    private static string Verdict(BitPlan plan)
    {
        var word = plan.Verdict switch
        {
            PlanVerdict.Fits => "FITS",
            PlanVerdict.DoesNotFit => "DOES NOT FIT",
            _ => "UNKNOWN",
        };
        var bytes = plan.StoredBytes is null
            ? ""
            : $", {ByteText.Of(plan.StoredBytes)} kept in place of {ByteText.Of(plan.SavedBytes)}";
        var peak = plan.PeakBytes is null ? "" : $", peak {ByteText.Of(plan.PeakBytes)}";
        var variance = plan.RelativeVariance is { } share
            ? string.Create(CultureInfo.InvariantCulture, $", variance {share:G3} of the gradient's squared norm")
            : "";
        return $"{word}{(plan.Explanation.Length > 0 ? $": {plan.Explanation}" : "")}{bytes}{peak}{variance}.";
    }
}
