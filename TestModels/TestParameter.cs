namespace OnnxActNN.TestModels;

/// <summary>A parameter that is an input of the graph, with its values before the first step.</summary>
/// <param name="Name">Name of the graph's input.</param>
/// <param name="Sizes">Its shape.</param>
/// <param name="Values">The values, row-major.</param>
internal sealed record TestParameter(string Name, IReadOnlyList<long> Sizes, float[] Values);
