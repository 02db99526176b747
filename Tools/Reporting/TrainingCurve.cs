using System.Globalization;
using OnnxActNN.Training.Data;

namespace OnnxActNN.Tools.Reporting;

/// <summary>Loss and accuracy of one run by epoch, from the CSV that <c>train --csv</c> writes.</summary>
internal sealed record TrainingCurve(
    string Run, IReadOnlyList<int> Epochs, IReadOnlyList<double> Losses, IReadOnlyList<double?> EvalLosses,
    IReadOnlyList<double?> Accuracies)
{
    private static readonly string[] Columns = ["run", "epoch", "loss", "eval_loss", "accuracy"];

    /// <summary>The runs of a file, in its order.</summary>
    /// <exception cref="DataFormatException">The file has other columns, or something else where a number
    /// belongs.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IReadOnlyList<TrainingCurve> ReadFile(string path)
    {
        var lines = File.ReadAllLines(path).Where(line => line.Length > 0).Select(line => line.Split(',')).ToList();
        var head = lines.Count > 0 ? lines[0] : [];
        var at = Array.ConvertAll(Columns, column => Array.IndexOf(head, column));
        if (at.Contains(-1))
            throw new DataFormatException(path, $"has not the columns {string.Join(", ", Columns)} of train --csv.");
        try
        {
            return [.. lines.Skip(1).GroupBy(line => line[at[0]]).Select(run => new TrainingCurve(
                run.Key,
                [.. run.Select(line => int.Parse(line[at[1]], CultureInfo.InvariantCulture))],
                [.. run.Select(line => double.Parse(line[at[2]], CultureInfo.InvariantCulture))],
                [.. run.Select(line => Number(line[at[3]]))],
                [.. run.Select(line => Number(line[at[4]]))]))];
        }
        catch (Exception reason) when (reason is FormatException or IndexOutOfRangeException or OverflowException)
        {
            throw new DataFormatException(path, "has a line that is none of train --csv.", reason);
        }
    }

    private static double? Number(string text) =>
        text.Length == 0 ? null : double.Parse(text, CultureInfo.InvariantCulture);
}
