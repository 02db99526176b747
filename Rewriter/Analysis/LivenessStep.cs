namespace OnnxActNN.Rewriter.Analysis;

/// <summary>A node in executed order, with the values it reads and writes.</summary>
/// <param name="Name">Name of the node, for reports.</param>
/// <param name="Reads">Values read.</param>
/// <param name="Writes">Values written; also those that nobody reads.</param>
/// <param name="Overwritten">
/// The value among those read whose buffer the first value written takes over; null where there is none.
/// </param>
internal sealed record LivenessStep(
    string Name, IReadOnlyList<string> Reads, IReadOnlyList<string> Writes, string? Overwritten = null);
