using OnnxActNN.Format;

namespace OnnxActNN.Training.Loops;

/// <summary>How often, and for what, a run's bits are planned anew.</summary>
internal sealed record ReplanRequest
{
    /// <summary>Epochs between plans.</summary>
    public required int Every { get; init; }

    /// <summary>Code bits per element on average; metadata comes on top.</summary>
    public required double AverageBits { get; init; }

    /// <summary>Lets groups of one tensor have widths of their own.</summary>
    public bool PerGroup { get; init; }

    /// <summary>Width of what the plan does not name.</summary>
    public required CodeWidth Width { get; init; }

    /// <summary>Steps that are profiled for a plan.</summary>
    public int Steps { get; init; } = 4;

    /// <summary>Draws of each probe, two steps each: fewer than for one plan that is to last.</summary>
    public int Probes { get; init; } = 1;

    /// <summary>Draws of the noise with one tensor packed alone; 0 to trust the prediction.</summary>
    public int Draws { get; init; }
}
