namespace OnnxActNN.Training.Gradients;

/// <summary>A tensor whose codes make much of the error of some gradients.</summary>
/// <param name="Tensor">Its name in the original graph.</param>
/// <param name="Levels">Levels of its code.</param>
/// <param name="Readers">Operators of the original graph that read its value in the backward pass.</param>
/// <param name="Share">Of the error, what goes with the finest codes there are in place of its own.</param>
internal sealed record ErrorSource(string Tensor, int Levels, string Readers, double Share);
