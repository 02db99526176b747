namespace OnnxActNN.Training.Measurement;

/// <summary>What a measuring process answers: one of the measurements, or why there is none.</summary>
internal sealed record MeasureReply
{
    /// <summary>Version of the native library that ran.</summary>
    public string? Library { get; init; }

    public StepMeasurement? Steps { get; init; }

    public ExecutionMeasurement? Execution { get; init; }

    /// <summary>Message of the error that ended it.</summary>
    public string? Error { get; init; }

    /// <summary>Whether it ended because memory was refused.</summary>
    public bool IsOutOfMemory { get; init; }
}
