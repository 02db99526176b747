using OnnxActNN.Rewriter.Analysis;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>A saved tensor that a plan may store in several ways.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Elements">Its elements.</param>
/// <param name="Bytes">Its own bytes.</param>
/// <param name="Options">The ways.</param>
internal sealed record PlanItem(SavedTensor Tensor, double Elements, long Bytes, IReadOnlyList<PlanOption> Options);
