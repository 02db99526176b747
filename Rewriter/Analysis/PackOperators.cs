using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>The project's own operators as graph nodes.</summary>
internal static class PackOperators
{
    /// <summary>The input of BatchNormalizationFromPacked whose buffer its output takes over.</summary>
    public const int OverwrittenAddend = 8;

    /// <summary>
    /// The input of an AddInPlace, and of what <see cref="Restores"/> a tensor, that it waits for and never reads.
    /// </summary>
    public const int Trigger = 2;

    private static readonly OperatorId Exponential = OperatorId.Onnx("Exp");
    private static readonly OperatorId Sum = OperatorId.Onnx("Add");

    public static OperatorId QuantizePack { get; } = Own(OperatorSchema.QuantizePack.Name);

    public static OperatorId UnpackDequant { get; } = Own(OperatorSchema.UnpackDequant.Name);

    public static OperatorId ShapeCarrier { get; } = Own(OperatorSchema.ShapeCarrier.Name);

    public static OperatorId ActProfile { get; } = Own(OperatorSchema.ActProfile.Name);

    public static OperatorId MaskPack { get; } = Own(OperatorSchema.MaskPack.Name);

    public static OperatorId MaskUnpack { get; } = Own(OperatorSchema.MaskUnpack.Name);

    public static OperatorId IndexPack { get; } = Own(OperatorSchema.IndexPack.Name);

    public static OperatorId MaxPoolIndexPack { get; } = Own(OperatorSchema.MaxPoolIndexPack.Name);

    public static OperatorId Anchor { get; } = Own(OperatorSchema.Anchor.Name);

    public static OperatorId ReluGradFromMask { get; } = Own(OperatorSchema.ReluGradFromMask.Name);

    public static OperatorId ReluGradFromCodes { get; } = Own(OperatorSchema.ReluGradFromCodes.Name);

    public static OperatorId DropoutGradFromMask { get; } = Own(OperatorSchema.DropoutGradFromMask.Name);

    public static OperatorId ClipGradFromMask { get; } = Own(OperatorSchema.ClipGradFromMask.Name);

    public static OperatorId MaxPoolGradFromIndex { get; } = Own(OperatorSchema.MaxPoolGradFromIndex.Name);

    public static OperatorId DerivativePack { get; } = Own(OperatorSchema.DerivativePack.Name);

    public static OperatorId ActivationGradFromCodes { get; } = Own(OperatorSchema.ActivationGradFromCodes.Name);

    public static OperatorId BatchNormalizationFromPacked { get; } =
        Own(OperatorSchema.BatchNormalizationFromPacked.Name);

    public static OperatorId BatchNormalizationGradFromPacked { get; } =
        Own(OperatorSchema.BatchNormalizationGradFromPacked.Name);

    public static OperatorId AddInPlace { get; } = Own(OperatorSchema.AddInPlace.Name);

    public static OperatorId BatchSlice { get; } = Own(OperatorSchema.BatchSlice.Name);

    public static OperatorId BatchNormalizationInPlace { get; } = Own(OperatorSchema.BatchNormalizationInPlace.Name);

    public static OperatorId SoftmaxGradFromPacked { get; } = Own(OperatorSchema.SoftmaxGradFromPacked.Name);

    public static OperatorId SoftmaxCrossEntropyLossGradFromPacked { get; } =
        Own(OperatorSchema.SoftmaxCrossEntropyLossGradFromPacked.Name);

    public static OperatorId LayerNormalizationFromPacked { get; } =
        Own(OperatorSchema.LayerNormalizationFromPacked.Name);

    public static OperatorId LayerNormalizationGradFromPacked { get; } =
        Own(OperatorSchema.LayerNormalizationGradFromPacked.Name);

    public static bool IsOwn(OperatorId op) => op.Domain == OperatorSchema.Domain;

    /// <summary>Whether the operator packs a tensor of the forward pass.</summary>
    public static bool IsPack(OperatorId op) =>
        op == QuantizePack || op == MaskPack || op == IndexPack || op == MaxPoolIndexPack || op == DerivativePack;

    /// <summary>
    /// Whether the value is what a pack keeps of a tensor: its first two results, of a shape carrier the first.
    /// </summary>
    public static bool IsKept(Value value) =>
        value.Producer is { Operator: var op }
            && (IsPack(op) ? value.OutputIndex < 2 : op == ShapeCarrier && value.OutputIndex == 0);

    /// <summary>Whether the operator reads packed bytes in the backward pass.</summary>
    public static bool ReadsPacked(OperatorId op) =>
        op == UnpackDequant || op == MaskUnpack || op == ReluGradFromMask || op == ReluGradFromCodes
            || op == DropoutGradFromMask
        || op == ClipGradFromMask || op == MaxPoolGradFromIndex || op == ActivationGradFromCodes
            || op == BatchNormalizationFromPacked
        || op == BatchNormalizationGradFromPacked || op == SoftmaxGradFromPacked
            || op == SoftmaxCrossEntropyLossGradFromPacked
        || op == LayerNormalizationFromPacked || op == LayerNormalizationGradFromPacked;

    /// <summary>Whether the operator restores a tensor once a gradient is there.</summary>
    public static bool Restores(OperatorId op) =>
        op == UnpackDequant || op == MaskUnpack || op == BatchNormalizationFromPacked
        || op == LayerNormalizationFromPacked;

    /// <summary>Which output is the input's alias, or -1.</summary>
    public static int PassThroughOutput(OperatorId op) =>
        op == QuantizePack || op == MaskPack || op == DerivativePack ? 2
        : op == ShapeCarrier ? 1
        : op == Anchor || op == ActProfile ? 0
        : -1;

    /// <summary>
    /// The tensor whose codes a pack writes. The pack may read it through the pass-through of another store, or its
    /// exponential, or its sum with a bias, which the rewriting made.
    /// </summary>
    /// <param name="pack">The pack.</param>
    /// <param name="isSaved">Whether a name is that of a tensor that the original graph saves.</param>
    public static Value CodedBy(Node pack, Predicate<string> isSaved)
    {
        var value = pack.Input(0)!;
        while (!isSaved(value.Name) && value.Producer is { } producer && IsOnTheWay(producer)
            && producer.Input(0) is { } behind)
        {
            value = behind;
        }
        return value;

        static bool IsOnTheWay(Node node) =>
            PassThroughOutput(node.Operator) >= 0 || node.Operator == Exponential || node.Operator == Sum;
    }

    private static OperatorId Own(string type) => new(OperatorSchema.Domain, type);
}
