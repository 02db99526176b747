using System.Globalization;
using OnnxActNN.Training.Loops;

namespace OnnxActNN.Tools.Rendering;

/// <summary>What a run did in an epoch, as the columns of a table that fits 80.</summary>
internal static class TrainRow
{
    public static IReadOnlyList<(string Title, int Width)> Columns { get; } =
    [
        ("run", -8), ("epoch", 6), ("step", 8), ("loss", 9), ("eval loss", 10), ("accuracy", 10), ("samples/s", 10),
        ("peak", 9),
    ];

    public static IReadOnlyList<string> Texts(EpochResult result)
    {
        var culture = CultureInfo.InvariantCulture;
        return
        [
            result.Run,
            result.Epoch.ToString(culture),
            result.Step.ToString(culture),
            result.Loss.ToString("F4", culture),
            result.EvalLoss?.ToString("F4", culture) ?? "–",
            result.Accuracy is { } share ? (100 * share).ToString("F2", culture) + " %" : "–",
            result.SamplesPerSecond.ToString("F0", culture),
            ByteText.Of(result.PeakBytes),
        ];
    }
}
