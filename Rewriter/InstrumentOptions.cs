namespace OnnxActNN.Rewriter;

/// <summary>How a training graph is instrumented. Every default stands here and nowhere else.</summary>
public sealed record InstrumentOptions
{
    /// <summary>
    /// Which tensors are measured, and by which groups: those that a rewrite with these options packs.
    /// </summary>
    public RewriteOptions Rewrite { get; init; } = new();

    /// <summary>The name by which the profiles are found in the process that runs the graph.</summary>
    public string Sink { get; init; } = "profile";

    /// <summary>The JSON file that is written when the session closes; null for none.</summary>
    public string? File { get; init; }

    /// <summary>Looks at every n-th group, in each run at others; 1 looks at all.</summary>
    public int Every { get; init; } = 1;
}
