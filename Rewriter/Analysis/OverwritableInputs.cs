using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// Inputs whose buffer an operator's first output may take over on the CPU, in ONNX Runtime's order of preference. It
/// does so where nobody else reads the input any more and both shapes are equal, names included.
/// </summary>
/// <remarks>
/// Not among them, as allocations in 1.19.2 show: Add, Sum and FusedConv write to a buffer of their own.
/// </remarks>
internal static class OverwritableInputs
{
    private static readonly Dictionary<OperatorId, int[]> Rows = new()
    {
        [OperatorId.Onnx("Relu")] = [0],
        [OperatorId.Onnx("Clip")] = [0],
        [PackOperators.AddInPlace] = [0],
        [PackOperators.BatchNormalizationInPlace] = [0],
        [PackOperators.BatchNormalizationGradFromPacked] = [0],
        [PackOperators.LayerNormalizationGradFromPacked] = [0],
        [PackOperators.ReluGradFromMask] = [0],
        [PackOperators.ReluGradFromCodes] = [0],
        [PackOperators.ActivationGradFromCodes] = [0],
        [PackOperators.DropoutGradFromMask] = [0],
        [PackOperators.ClipGradFromMask] = [0],
    };

    public static IReadOnlyList<int> Of(OperatorId op) => Rows.GetValueOrDefault(op, []);
}
