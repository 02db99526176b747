namespace OnnxActNN.Format.Profiles;

/// <summary>What packing one tensor alone did to the gradients, measured over several draws of the noise.</summary>
/// <param name="Name">Name of the tensor.</param>
/// <param name="Levels">Levels of the code that it was measured with.</param>
/// <param name="ZeroExact">Whether the code's first level was exactly 0.</param>
/// <param name="Draws">Draws of the noise.</param>
/// <param name="Variance">Mean of ‖ĝ − E ĝ‖² over all parameters, by the unbiased estimate.</param>
/// <param name="SquaredBias">‖E ĝ − g‖² less what the draws alone explain; 0 where that leaves nothing.</param>
public sealed record MeasuredSensitivity(
    string Name, int Levels, bool ZeroExact, int Draws, double Variance, double SquaredBias)
{
    /// <summary>Where the code's levels lay.</summary>
    public CodeGrid Grid { get; init; }

    /// <summary>How it rounded.</summary>
    public RoundingMode Rounding { get; init; }

    /// <summary>Most elements of its groups; 0 for the default.</summary>
    public int GroupSize { get; init; }

    /// <summary>How its groups' minimum and step were stored.</summary>
    public MetadataFormat Metadata { get; init; }

    /// <summary>Whether an activation's derivative was coded, not the tensor's values.</summary>
    public bool OfDerivative { get; init; }

    /// <summary>The code that it was measured with, wherever its rows begin.</summary>
    public PackFormat ToFormat() => new(CodeWidths.FromLevels(Levels), ZeroExact)
    {
        Grid = Grid,
        Rounding = Rounding,
        GroupSize = GroupSize > 0 ? GroupSize : PackFormat.DefaultGroupSize,
        Metadata = Metadata,
    };

    /// <summary>Tensors that were computed from this one meanwhile, so that their readers saw its noise too.</summary>
    public IReadOnlyList<string> Rebuilt { get; init; } = [];
}
