namespace OnnxActNN.Training.Measurement;

/// <summary>All that was measured of one model, as <c>measure --json</c> prints it.</summary>
public sealed record MeasuredModel
{
    /// <summary>The training graph.</summary>
    public required string Path { get; init; }

    /// <summary><c>training</c> or <c>stock</c>, and the native library's version.</summary>
    public required string Runtime { get; init; }

    /// <summary>Sizes of the named dimensions.</summary>
    public required IReadOnlyDictionary<string, long> Dims { get; init; }

    /// <summary>See <see cref="ExecutionMeasurement.SavedBytes"/>.</summary>
    public required long SavedBytes { get; init; }

    /// <summary>See <see cref="ExecutionMeasurement.PeakLivenessBytes"/>.</summary>
    public required long PeakLivenessBytes { get; init; }

    /// <summary>See <see cref="StepMeasurement.PeakBytes"/>.</summary>
    public required long? PeakMeasuredBytes { get; init; }

    /// <summary>Median, least and most milliseconds of a step.</summary>
    public required IReadOnlyList<double> StepMs { get; init; }

    /// <summary>Median milliseconds of a step that processors spend within the system.</summary>
    public double? StepSystemMs { get; init; }

    /// <summary>Median number of pages that a step fetches from the system; null where that does not tell.</summary>
    public long? StepPageFaults { get; init; }

    /// <summary>See <see cref="ExecutionMeasurement.Shares"/>.</summary>
    public required StepShares Shares { get; init; }

    /// <summary>The loss of each step.</summary>
    public required IReadOnlyList<double> Losses { get; init; }

    /// <summary>Whether all packs ran before all unpacks.</summary>
    public required bool PacksBeforeUnpacks { get; init; }

    /// <summary>How often a pass-through had to copy its tensor; null where a shared library keeps count.</summary>
    public required long? PassthroughCopies { get; init; }

    /// <summary>Bytes of these copies; null likewise.</summary>
    public long? PassthroughCopiedBytes { get; init; }

    internal double? MedianMs => StepMs.Count > 0 ? StepMs[0] : null;

    /// <summary>Puts the measurements of a model together.</summary>
    /// <param name="request">What was measured.</param>
    /// <param name="runtime">See <see cref="Runtime"/>.</param>
    /// <param name="steps">Of <see cref="MeasureKind.Time"/>.</param>
    /// <param name="memory">Of <see cref="MeasureKind.Memory"/>.</param>
    /// <param name="execution">Of <see cref="MeasureKind.Execution"/>.</param>
    public static MeasuredModel Of(
        MeasureRequest request, string runtime, StepMeasurement steps, StepMeasurement memory,
        ExecutionMeasurement execution)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(steps);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(execution);
        var times = steps.StepMilliseconds.Order().ToList();
        return new MeasuredModel
        {
            Path = request.Model,
            Runtime = runtime,
            Dims = request.Dimensions,
            SavedBytes = execution.SavedBytes,
            PeakLivenessBytes = execution.PeakLivenessBytes,
            PeakMeasuredBytes = memory.PeakBytes,
            StepMs = times.Count == 0 ? [] : [Median(times), times[0], times[^1]],
            StepSystemMs = steps.SystemMilliseconds.Count == 0 ? null : Median([.. steps.SystemMilliseconds.Order()]),
            StepPageFaults = steps.PageFaults is { Count: > 0 } faults
                ? faults.Order().ElementAt(faults.Count / 2)
                : null,
            Shares = execution.Shares,
            Losses = steps.Losses,
            PacksBeforeUnpacks = execution.PacksBeforeUnpacks,
            PassthroughCopies = steps.PassThroughCopies,
            PassthroughCopiedBytes = steps.PassThroughCopiedBytes,
        };
    }

    private static double Median(List<double> ordered) =>
        (ordered[(ordered.Count - 1) / 2] + ordered[ordered.Count / 2]) / 2;
}
