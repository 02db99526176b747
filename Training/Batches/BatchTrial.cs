namespace OnnxActNN.Training.Batches;

/// <summary>One batch size, tried under a memory limit in a process of its own.</summary>
/// <param name="Batch">Samples per step.</param>
/// <param name="Fits">Whether all steps ran; false where memory was refused.</param>
/// <param name="PeakBytes">
/// Most bytes that a step needed on top of what stays between steps; null where it did not fit.
/// </param>
/// <param name="ProcessBytes">
/// Most bytes that the limit counted, in the whole process; null where it did not fit.
/// </param>
/// <param name="Reason">What refused the memory; null where it fits.</param>
public sealed record BatchTrial(long Batch, bool Fits, long? PeakBytes, long? ProcessBytes, string? Reason);
