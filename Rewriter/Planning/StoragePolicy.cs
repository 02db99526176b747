using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>
/// How each saved tensor is kept for the backward pass, with a reason: the one decision that rewriting, planning and
/// profiling share.
/// </summary>
/// <remarks>
/// The policies, in their order, each of which may change what the ones before said:
/// 1. <see cref="FixedWidthPolicy"/>: a store of its own for each tensor;
/// 2. <see cref="RebuildPolicy"/>: some need none, because others' stores give them back.
/// </remarks>
internal sealed class StoragePolicy(RewriteOptions options)
{
    /// <summary>
    /// Operators that the policies must find in the graph: they are not lowered before the decision is applied.
    /// </summary>
    public static IReadOnlySet<OperatorId> ReadWhenPacked { get; } =
        new HashSet<OperatorId>(
            [.. DirectReads.Operators, .. AttentionFinder.Gradients, .. RebuildPolicy.Normalizations]);

    /// <summary>One plan for each tensor, in their order.</summary>
    public IReadOnlyList<TensorPlan> Decide(IReadOnlyList<SavedTensor> tensors) =>
        new RebuildPolicy(options).Decide(DecideAlone(tensors));

    /// <summary>The same where nothing is computed from others' stores.</summary>
    public IReadOnlyList<TensorPlan> DecideAlone(IReadOnlyList<SavedTensor> tensors) =>
        new FixedWidthPolicy(options).Decide(tensors);
}
