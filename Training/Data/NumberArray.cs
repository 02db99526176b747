namespace OnnxActNN.Training.Data;

/// <summary>Numbers read from a file.</summary>
/// <param name="Sizes">Sizes, outermost first.</param>
/// <param name="Values">Elements, row-major.</param>
internal sealed record NumberArray(IReadOnlyList<int> Sizes, float[] Values);
