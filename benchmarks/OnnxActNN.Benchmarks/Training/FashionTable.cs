using System.Globalization;

namespace OnnxActNN.Benchmarks.Training;

/// <summary>
/// The runs of <see cref="FashionVerb"/> as a Markdown table: a line per model and width, over the seeds.
/// </summary>
internal static class FashionTable
{
    public static IEnumerable<string> Lines(IReadOnlyList<FashionResult> results)
    {
        yield return "| model | saved in | epochs x samples | runs | test accuracy | least to most | test loss | peak "
            + "| of float32 |";
        yield return "|---|---|---|---|---|---|---|---|---|";
        var groups = results.GroupBy(
            result => (result.Model, result.Run, result.Samples, result.Epochs, result.BatchSize));
        foreach (var group in groups)
        {
            var float32 = results.FirstOrDefault(result => result.Model == group.Key.Model && result.Run == "float32"
                && result.BatchSize == group.Key.BatchSize);
            var accuracy = group.Select(result => 100 * result.Accuracy).ToList();
            var peak = group.Max(result => result.PeakBytes);
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"| {group.Key.Model} | {group.Key.Run} | {group.Key.Epochs} x {group.Key.Samples} | {group.Count()} "
                + $"| {accuracy.Average():F2} ± {Deviation(accuracy):F2} % "
                + $"| {accuracy.Min():F2} to {accuracy.Max():F2} "
                + $"| {group.Average(result => result.TestLoss):F4} | {peak / 1e6:F2} MB | {Share(peak, float32)} |");
        }
    }

    private static string Share(long peak, FashionResult? float32) =>
        float32 is null ? "" : ((double)peak / float32.PeakBytes).ToString("P0", CultureInfo.InvariantCulture);

    /// <summary>Standard deviation of the runs, with n − 1.</summary>
    private static double Deviation(List<double> values)
    {
        var mean = values.Average();
        return values.Count < 2 ? 0 : Math.Sqrt(values.Sum(x => (x - mean) * (x - mean)) / (values.Count - 1));
    }
}
