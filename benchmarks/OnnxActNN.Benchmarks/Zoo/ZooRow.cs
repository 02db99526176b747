using System.Globalization;

namespace OnnxActNN.Benchmarks.Zoo;

/// <summary>What was measured of one graph, as a line of a CSV file; what is not measured yet is empty.</summary>
internal sealed record ZooRow
{
    public const string Header =
        "model,runtime,small,large,saved_original,saved_packed,liveness_original,liveness_packed,"
        + "peak_original,peak_packed,step_original_ms,step_packed_ms,pack,unpack,rebuild,problem";

    public required string Model { get; init; }

    /// <summary>The runtime and its version; empty where no runtime runs the graph.</summary>
    public string Runtime { get; init; } = "";

    /// <summary>The smaller batch; equal to the larger where the graph has a batch of its own.</summary>
    public long Small { get; init; }

    public long Large { get; init; }

    /// <summary>Bytes per sample: differences of the two batches, or of one sample where there is one batch.</summary>
    public double? SavedOriginal { get; init; }

    public double? SavedPacked { get; init; }

    public double? LivenessOriginal { get; init; }

    public double? LivenessPacked { get; init; }

    public double? PeakOriginal { get; init; }

    public double? PeakPacked { get; init; }

    /// <summary>Median milliseconds of a step of the larger batch.</summary>
    public double? StepOriginal { get; init; }

    public double? StepPacked { get; init; }

    /// <summary>Parts of the packed step's time.</summary>
    public double? Pack { get; init; }

    public double? Unpack { get; init; }

    public double? Rebuild { get; init; }

    /// <summary>Why the native training runtime, or any, does not run it.</summary>
    public string Problem { get; init; } = "";

    public bool HasPeaks => PeakPacked is not null;

    public bool HasTimes => StepPacked is not null;

    public static ZooRow Parse(string line)
    {
        var fields = line.Split(',');
        return new ZooRow
        {
            Model = fields[0],
            Runtime = fields[1],
            Small = long.Parse(fields[2], CultureInfo.InvariantCulture),
            Large = long.Parse(fields[3], CultureInfo.InvariantCulture),
            SavedOriginal = Number(4),
            SavedPacked = Number(5),
            LivenessOriginal = Number(6),
            LivenessPacked = Number(7),
            PeakOriginal = Number(8),
            PeakPacked = Number(9),
            StepOriginal = Number(10),
            StepPacked = Number(11),
            Pack = Number(12),
            Unpack = Number(13),
            Rebuild = Number(14),
            Problem = fields[15],
        };

        double? Number(int index) =>
            fields[index].Length == 0 ? null : double.Parse(fields[index], CultureInfo.InvariantCulture);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Model},{Runtime},{Small},{Large},{SavedOriginal:F0},{SavedPacked:F0},"
        + $"{LivenessOriginal:F0},{LivenessPacked:F0},{PeakOriginal:F0},{PeakPacked:F0},"
        + $"{StepOriginal:F1},{StepPacked:F1},{Pack:F4},{Unpack:F4},{Rebuild:F4},{Plain(Problem)}");

    private static string Plain(string text) => text.Replace(',', ';').ReplaceLineEndings(" ");
}
