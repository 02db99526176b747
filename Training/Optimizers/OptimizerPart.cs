namespace OnnxActNN.Training.Optimizers;

/// <summary>
/// Consecutive elements of one parameter with their gradients and moments; all spans have one length.
/// </summary>
public readonly ref struct OptimizerPart
{
    /// <summary>Most elements in a part: with gradient and two moments it stays in the first-level cache.</summary>
    public const int LargestLength = 2048;

    /// <summary>The parameter's elements, to be updated.</summary>
    public required Span<float> Parameters { get; init; }

    /// <summary>The loss's derivative by each of them.</summary>
    public required ReadOnlySpan<float> Gradients { get; init; }

    /// <summary>The first moment, to be updated; empty where the optimizer has none.</summary>
    public Span<float> FirstMoments { get; init; }

    /// <summary>The second moment, to be updated; empty where the optimizer has none.</summary>
    public Span<float> SecondMoments { get; init; }
}
