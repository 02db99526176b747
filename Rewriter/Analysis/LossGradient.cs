using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>What the gradient of a softmax's cross entropy reads besides probabilities.</summary>
/// <param name="Labels">The labels.</param>
/// <param name="Weight">Weights of the classes; null where all are 1.</param>
/// <param name="Reduction">"mean", "sum" or "none".</param>
/// <param name="IgnoreIndex">The label that does not count; null where all do.</param>
internal sealed record LossGradient(Value Labels, Value? Weight, string Reduction, long? IgnoreIndex)
{
    private const int WeightInput = 3;
    private const int IgnoreIndexInput = 4;
    private const int BiasInput = 5;

    /// <summary>The gradient operators that this is about.</summary>
    public static IReadOnlyList<OperatorId> Operators { get; } =
    [
        new(OperatorId.Microsoft, "SoftmaxCrossEntropyLossGrad"),
        new(OperatorId.Microsoft, "SoftmaxCrossEntropyLossInternalGrad"),
    ];

    /// <summary>
    /// Reads a node; null where it does what an operator of ours does not: add a bias, or change the type.
    /// </summary>
    public static LossGradient? Of(Node node, Func<Value, TensorType?> typeOf)
    {
        if (node.Input(BiasInput) is not null || node.Attributes.Find("output_type") is not null) return null;
        if (node.Input(2) is not { } labels || typeOf(labels)?.ElementType is not (DataType.Int64 or DataType.Int32))
            return null;
        var ignored = node.Attributes.Find("ignore_index")?.Value is AttributeValue.Int attribute
            ? attribute.Value
            : (long?)null;
        if (node.Input(IgnoreIndexInput) is { } input)
        {
            if (input.Initializer?.TryGetIntegers() is not [var constant]) return null;
            ignored = constant;
        }
        return new LossGradient(labels, node.Input(WeightInput), node.Attributes.GetText("reduction", "mean"), ignored);
    }
}
