namespace OnnxActNN.Format;

/// <summary>The samples of a <see cref="BatchSlice"/>.</summary>
/// <param name="First">The first one.</param>
/// <param name="Count">How many: one at least, unless the tensor has none.</param>
/// <param name="IsEmpty">Whether they belong to another slice, so that their gradient is 0 here.</param>
public readonly record struct SampleSpan(long First, long Count, bool IsEmpty);
