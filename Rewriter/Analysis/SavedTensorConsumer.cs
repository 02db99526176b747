using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>One backward reader of a saved tensor and what it needs.</summary>
/// <param name="Use">Node and input.</param>
/// <param name="Need">What the node needs; for views and sums, what the readers of their results need.</param>
/// <param name="Class">The storage class that follows.</param>
/// <param name="IsKnown">Whether the operator table has a row for the node's operator.</param>
/// <param name="Trigger">
/// The gradient whose arrival makes it time to restore the tensor for this reader; null where none is found.
/// </param>
/// <param name="Direct">The formula around the reader that can do without the tensor; null where there is none.</param>
internal sealed record SavedTensorConsumer(
    Use Use, Need Need, StorageClass Class, bool IsKnown, Value? Trigger, DirectRead? Direct)
{
    /// <summary>What else is known of the reader.</summary>
    public ReaderKind Kind { get; init; }
}
