namespace OnnxActNN.Training.Sessions;

/// <summary>A tensor within a block.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sizes">Its sizes, outermost first.</param>
/// <param name="Offset">First element.</param>
/// <param name="Length">Number of elements.</param>
internal sealed record TensorPlace(string Name, long[] Sizes, int Offset, int Length);
