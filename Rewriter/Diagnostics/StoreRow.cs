using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Diagnostics;

/// <summary>One of the forms in which a saved tensor is kept, in a report.</summary>
/// <param name="Decision">Its kind.</param>
/// <param name="Description">What is kept, for people.</param>
/// <param name="Bytes">Bytes kept; null where a dimension has no size.</param>
/// <param name="Bits">Bits per element of the tensor; null where a dimension has no size.</param>
public sealed record StoreRow(StorageDecision Decision, string Description, long? Bytes, double? Bits);
