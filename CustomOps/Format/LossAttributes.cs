namespace OnnxActNN.Format;

/// <summary>Attributes of SoftmaxCrossEntropyLossGradFromPacked, as ONNX's SoftmaxCrossEntropyLoss has them.</summary>
public static class LossAttributes
{
    /// <summary>
    /// string: <see cref="ReductionMean"/>, <see cref="ReductionSum"/> or <see cref="ReductionNone"/>.
    /// </summary>
    public const string Reduction = "reduction";

    /// <summary>
    /// ints: the label of samples that do not count, a list of one; none where the attribute is left out.
    /// </summary>
    public const string IgnoreIndex = "ignore_index";

    /// <summary>The weighted mean over the labels; the default.</summary>
    public const string ReductionMean = "mean";

    /// <summary>The weighted sum over the labels.</summary>
    public const string ReductionSum = "sum";

    /// <summary>A loss, and so a gradient dY, for each label.</summary>
    public const string ReductionNone = "none";
}
