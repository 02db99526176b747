namespace OnnxActNN.Rewriter.Planning.Solvers;

/// <summary>One way to store an item.</summary>
/// <param name="Weight">What it takes of the budget; not negative.</param>
/// <param name="Value">What it costs; the sum is to be small.</param>
internal readonly record struct Choice(double Weight, double Value);
