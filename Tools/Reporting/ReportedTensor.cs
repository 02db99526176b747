using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Tools.Reporting;

/// <summary>A saved tensor of the original, and what became of it.</summary>
/// <param name="Row">The tensor in the original.</param>
/// <param name="ElementBits">Bits of one of its elements; 0 where not known.</param>
/// <param name="StoredBytes">Bytes that the rewritten graph keeps of it; null where a size is open.</param>
/// <param name="Decision">How it is kept; in a report without a rewritten graph, how a rewrite would keep it.</param>
/// <param name="Reason">Why.</param>
internal sealed record ReportedTensor(
    SavedTensorRow Row, int ElementBits, long? StoredBytes, string Decision, string Reason)
{
    /// <summary>Stored bits per element.</summary>
    public double? Bits =>
        StoredBytes is { } stored && Row.Bytes is > 0 and var bytes ? (double)stored / bytes * ElementBits : null;
}
