namespace OnnxActNN.Training.Measurement;

/// <summary>Time and memory of training steps, from one process.</summary>
public sealed record StepMeasurement
{
    /// <summary>The loss of each step, the untimed first one included.</summary>
    public required IReadOnlyList<double> Losses { get; init; }

    /// <summary>Milliseconds of each timed step, optimizer included.</summary>
    public required IReadOnlyList<double> StepMilliseconds { get; init; }

    /// <summary>
    /// Milliseconds that processors spent within the system, of all threads, in each timed step: where freed memory
    /// goes back to the system, most of it is fetching pages again.
    /// </summary>
    public IReadOnlyList<double> SystemMilliseconds { get; init; } = [];

    /// <summary>Pages fetched from the system in each timed step; null where it does not tell.</summary>
    public IReadOnlyList<long>? PageFaults { get; init; }

    /// <summary>
    /// Most bytes that steps needed on top of what was there between steps (parameters, gradients, optimizer state,
    /// inputs, the process itself); null where neither allocator nor system tells.
    /// </summary>
    public long? PeakBytes { get; init; }

    /// <summary>
    /// Whether <see cref="PeakBytes"/> counts allocations exactly, or is the resident memory of the process.
    /// </summary>
    public bool IsExactPeak { get; init; }

    /// <summary>
    /// Most bytes of private writable memory that the process had while steps ran, what stays between them included:
    /// what a limit of the system counts. Null where the system does not tell.
    /// </summary>
    public long? ProcessBytes { get; init; }

    /// <summary>
    /// How often a pass-through had to copy its tensor; 0 is as it should be. Null where a shared library keeps count.
    /// </summary>
    public long? PassThroughCopies { get; init; }

    /// <summary>Bytes of these copies.</summary>
    public long? PassThroughCopiedBytes { get; init; }
}
