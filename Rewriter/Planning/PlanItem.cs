using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>A saved tensor that a plan may store in several ways.</summary>
/// <param name="Tensor">The tensor.</param>
/// <param name="Elements">Its elements.</param>
/// <param name="Bytes">Its own bytes.</param>
/// <param name="Options">The ways; one alone for a tensor that is rebuilt.</param>
/// <param name="Sensitivity">
/// What is known of its noise, what is rebuilt from it included; null where nothing is.
/// </param>
/// <param name="Codes">For a tensor that is rebuilt: the codes that it could have of its own.</param>
internal sealed record PlanItem(
    SavedTensor Tensor,
    double Elements,
    long Bytes,
    IReadOnlyList<PlanOption> Options,
    TensorSensitivity? Sensitivity,
    IReadOnlyList<PlanOption> Codes);
