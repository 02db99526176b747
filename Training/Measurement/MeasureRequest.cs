namespace OnnxActNN.Training.Measurement;

/// <summary>What to measure. Everything that a fresh process needs to know, so that it can be handed to one.</summary>
public sealed record MeasureRequest
{
    /// <summary>The training graph; optimizer and checkpoint are looked for beside it.</summary>
    public required string Model { get; init; }

    /// <summary>The kind of session.</summary>
    public MeasureRuntime Runtime { get; init; }

    /// <summary>The native ONNX Runtime; null for the application's own.</summary>
    public string? Library { get; init; }

    /// <summary>The shared library with the operators; null for those of this process.</summary>
    public string? OperatorLibrary { get; init; }

    /// <summary>Sizes of the named dimensions; those of the entry's example where not given.</summary>
    public IReadOnlyDictionary<string, long> Dimensions { get; init; } = new Dictionary<string, long>();

    /// <summary>Parameters; null for those beside the model, or else drawn from the seed.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>The entry file whose formulas give the inputs; null for inputs drawn from the seed.</summary>
    public string? Entry { get; init; }

    /// <summary>Steps that are timed, after one that is not.</summary>
    public int Steps { get; init; } = 5;

    /// <summary>For parameters and inputs.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads within an operator; 0 for one per core.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Whether ONNX Runtime's arena is on. It hides freed memory from the measured peak; a plain session's peak is
    /// counted without it in any case.
    /// </summary>
    public bool Arena { get; init; }

    /// <summary>What to measure.</summary>
    public MeasureKind Kind { get; init; }

    /// <summary>
    /// Most bytes of private writable memory that the process may have (<see cref="DataLimit"/>); null for no limit.
    /// </summary>
    public long? LimitBytes { get; init; }
}
