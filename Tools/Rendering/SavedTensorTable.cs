using System.Globalization;
using OnnxActNN.Rewriter.Diagnostics;
using Spectre.Console;

namespace OnnxActNN.Tools.Rendering;

/// <summary>The report as a table for people.</summary>
internal static class SavedTensorTable
{
    private const int FewRows = 20;

    public static void Write(TextWriter output, SavedTensorReport report, bool all, bool isRewritten)
    {
        var console = Terminal.Over(output);
        var nodes = $"{report.ForwardNodes} forward and {report.BackwardNodes} backward nodes";
        console.MarkupLineInterpolated($"{report.Dialect} graph: {nodes}, {report.Rows.Count} saved tensors.");
        var largest = report.Rows.OrderByDescending(row => row.Bytes is null)
            .ThenByDescending(row => row.Bytes ?? KnownFactor(row))
            .ThenBy(row => row.Name, StringComparer.Ordinal);
        var shown = (all ? largest : largest.Take(FewRows)).ToList();
        console.Write(Rows(shown));
        if (shown.Count < report.Rows.Count)
            console.MarkupLineInterpolated($"and {report.Rows.Count - shown.Count} smaller ones (--all lists them).");
        console.Write(ByDecision(report));
        console.MarkupLineInterpolated($"{Summary(report, isRewritten)}");
    }

    /// <summary>
    /// The sizes that are known of a tensor with open ones: of tensors that grow with the batch, the largest come
    /// first.
    /// </summary>
    private static double KnownFactor(SavedTensorRow row) =>
        (row.SymbolicBytes ?? "").Split('*')
            .Aggregate(
                1.0, (product, size) =>
                    long.TryParse(size, CultureInfo.InvariantCulture, out var known) ? product * known : product);

    private static string Summary(SavedTensorReport report, bool isRewritten)
    {
        if (report.OpenDimensions.Count > 0)
        {
            var options = report.OpenDimensions.Select(name => $"--dim {name}=8");
            return $"Byte counts need sizes: {string.Join(' ', options)}";
        }
        if (report.Ratio is not { } ratio) return "Byte counts are open: the type of a tensor is not known.";
        var verb = isRewritten ? "Saved for the backward pass" : "A rewrite would save";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{verb}: {ByteText.Of(report.StoredBytes)} in place of {ByteText.Of(report.SavedBytes)}, "
            + $"{ratio:F1} times less.");
    }

    private static Table Rows(IEnumerable<SavedTensorRow> rows)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumn("tensor").AddColumn("shape").AddColumn(new TableColumn("bytes").RightAligned())
            .AddColumn(new TableColumn("kept").RightAligned()).AddColumn("class").AddColumn("decision");
        foreach (var row in rows)
        {
            table.AddRow(
                Markup.Escape(row.Name), Markup.Escape(row.Shape is null ? "?" : string.Join("×", row.Shape)),
                ByteText.Of(row.Bytes), ByteText.Of(row.StoredBytes), row.Class.ToString(),
                Markup.Escape($"{row.Decision.ToString().ToLowerInvariant()}: {row.Reason}"));
        }
        return table;
    }

    private static Table ByDecision(SavedTensorReport report)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumn("decision").AddColumn(new TableColumn("tensors").RightAligned())
            .AddColumn(new TableColumn("before").RightAligned()).AddColumn(new TableColumn("after").RightAligned());
        foreach (var group in report.Rows.GroupBy(row => row.Decision).OrderBy(group => group.Key))
        {
            var counted = group.Where(row => row.IsCounted).ToList();
            table.AddRow(
                group.Key.ToString().ToLowerInvariant(), group.Count().ToString(CultureInfo.InvariantCulture),
                ByteText.Of(Sum(counted.Select(row => row.Bytes))),
                ByteText.Of(Sum(counted.Select(row => row.StoredBytes))));
        }
        return table;
    }

    private static long? Sum(IEnumerable<long?> counts) => counts.Aggregate((long?)0, (sum, count) => sum + count);
}
