namespace OnnxActNN.Training.Checkpoints;

/// <summary>What the optimizer remembers of one parameter.</summary>
/// <param name="ParameterName">The parameter.</param>
/// <param name="Momentums">
/// Its moments; AdamW has <c>momentum0</c> and <c>momentum1</c>, of the parameter's shape.
/// </param>
public sealed record ParameterOptimizerState(string ParameterName, IReadOnlyList<CheckpointTensor> Momentums);
