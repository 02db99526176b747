namespace OnnxActNN.Training.Batches;

/// <summary>The largest batch of a model that trains under a limit.</summary>
/// <param name="Path">The training graph.</param>
/// <param name="Batch">Samples per step; 0 where not even one fits.</param>
/// <param name="Trials">What was tried, in that order.</param>
public sealed record LargestBatch(string Path, long Batch, IReadOnlyList<BatchTrial> Trials);
