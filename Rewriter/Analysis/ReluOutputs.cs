using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// Which values are results of Relu, perhaps moved or thinned out since: no element is negative, and many are exactly
/// 0.
/// </summary>
/// <remarks>
/// A zero that is restored as a small number gives a weight behind it a gradient where there is none, and optimizers
/// that divide by the gradient's size (Adam) turn any such noise into whole steps. So zeros are worth keeping exact
/// wherever they are common.
/// </remarks>
internal static class ReluOutputs
{
    private static readonly OperatorId Relu = OperatorId.Onnx("Relu");
    private static readonly HashSet<OperatorId> Keepers = [OperatorId.Onnx("Dropout"), OperatorId.Onnx("Transpose")];

    public static bool Contain(Value value)
    {
        while (BufferViews.Owner(value).Producer is { } producer)
        {
            if (producer.Operator == Relu) return true;
            if (!Keepers.Contains(producer.Operator) || producer.Input(0) is not { } source) return false;
            value = source;
        }
        return false;
    }
}
