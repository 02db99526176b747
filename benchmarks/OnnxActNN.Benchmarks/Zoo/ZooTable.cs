using System.Globalization;

namespace OnnxActNN.Benchmarks.Zoo;

/// <summary>The rows as a Markdown table.</summary>
internal static class ZooTable
{
    public static IEnumerable<string> Lines(IEnumerable<ZooRow> rows)
    {
        yield return "| model | runtime, batches | saved / | liveness / | measured / | MB per sample "
            + "| step × | pack | unpack | rebuild |";
        yield return "|---|---|---|---|---|---|---|---|---|---|";
        foreach (var row in rows)
        {
            yield return row.HasPeaks
                ? $"| {row.Model} | {row.Runtime}, {row.Small} and {row.Large} "
                    + $"| {Ratio(row.SavedOriginal, row.SavedPacked)} "
                    + $"| {Ratio(row.LivenessOriginal, row.LivenessPacked)} "
                    + $"| {Ratio(row.PeakOriginal, row.PeakPacked)} "
                    + $"| {Megabytes(row.PeakOriginal)} → {Megabytes(row.PeakPacked)} "
                    + $"| {Ratio(row.StepPacked, row.StepOriginal)} "
                    + $"| {Percent(row.Pack)} | {Percent(row.Unpack)} | {Percent(row.Rebuild)} |"
                : $"| {row.Model} | {row.Problem} | | | | | | | | |";
        }
    }

    private static string Ratio(double? above, double? below) =>
        above is null || below is null or <= 0
            ? ""
            : (above / below).Value.ToString("F2", CultureInfo.InvariantCulture);

    private static string Megabytes(double? bytes) => ((bytes ?? 0) / 1e6).ToString("F1", CultureInfo.InvariantCulture);

    private static string Percent(double? share) =>
        share is null ? "" : (100 * share.Value).ToString("F0", CultureInfo.InvariantCulture) + " %";
}
