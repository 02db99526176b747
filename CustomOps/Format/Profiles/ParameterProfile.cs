namespace OnnxActNN.Format.Profiles;

/// <summary>A parameter at the moment of profiling.</summary>
/// <param name="Name">Name of the graph input.</param>
/// <param name="Elements">Its elements.</param>
/// <param name="Squares">Sum of their squares.</param>
/// <param name="GradientSquares">
/// Sum of the squares of its gradient, on average over the runs; 0 where it has none.
/// </param>
public sealed record ParameterProfile(string Name, long Elements, double Squares, double GradientSquares);
