using OnnxActNN.Rewriter;
using OnnxActNN.Training.Runtime;

namespace OnnxActNN.Training.Profiling;

/// <summary>How a training graph is profiled.</summary>
public sealed record ProfileRequest
{
    /// <summary>Steps to merge, each on a batch of its own; the parameters stay.</summary>
    public int Steps { get; init; } = 4;

    /// <summary>Looks at every n-th group, in each step at others.</summary>
    public int Every { get; init; } = 1;

    /// <summary>Which tensors are candidates, and their groups.</summary>
    public RewriteOptions Rewrite { get; init; } = new();

    /// <summary>Draws of each probe, on the steps' batches in turn; two steps each. 0 for no probes.</summary>
    public int Probes { get; init; } = 4;

    /// <summary>Draws of the noise with one tensor packed alone; 0 for no measurement.</summary>
    public int Draws { get; init; }

    /// <summary>How sessions are opened.</summary>
    public SessionSettings Session { get; init; } = new();
}
