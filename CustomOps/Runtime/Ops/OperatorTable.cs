using OnnxActNN.CustomOps.Interop;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>All operators of the domain, one row per operator.</summary>
internal static class OperatorTable
{
    public static IEnumerable<OperatorDefinition> All =>
    [
        .. OrtElementTypes.Quantizable.Select(QuantizePackOperator.Define),
        .. OrtElementTypes.Quantizable.Select(UnpackDequantOperator.Define),
        .. OrtElementTypes.FixedSize.Select(ShapeCarrierOperator.Define),
        .. OrtElementTypes.Quantizable.Select(ActProfileOperator.Define),
        .. OrtElementTypes.Quantizable.Append(OrtElementType.Bool).Select(MaskPackOperator.Define),
        .. OrtElementTypes.Quantizable.Select(MaskUnpackOperator.Define),
        .. OrtElementTypes.Quantizable.Select(ReluGradFromMaskOperator.Define),
        .. OrtElementTypes.Quantizable.Select(ReluGradFromCodesOperator.Define),
        .. OrtElementTypes.Quantizable.Select(DropoutGradFromMaskOperator.Define),
        .. OrtElementTypes.Quantizable.Select(ClipGradFromMaskOperator.Define),
        .. OrtElementTypes.Quantizable.Select(IndexPackOperator.Define),
        .. OrtElementTypes.Quantizable.Select(MaxPoolIndexPackOperator.Define),
        .. OrtElementTypes.Quantizable.Select(MaxPoolGradFromIndexOperator.Define),
        .. OrtElementTypes.FixedSize.Select(AnchorOperator.Define),
        AddInPlaceOperator.Definition,
        .. OrtElementTypes.Quantizable.Select(BatchSliceOperator.Define),
        .. OrtElementTypes.Quantizable.Select(DerivativePackOperator.Define),
        .. OrtElementTypes.Quantizable.Select(ActivationGradFromCodesOperator.Define),
        BatchNormalizationInPlaceOperator.Definition,
        BatchNormalizationFromPackedOperator.Definition,
        BatchNormalizationGradFromPackedOperator.Definition,
        SoftmaxGradFromPackedOperator.Definition,
        SoftmaxCrossEntropyLossGradFromPackedOperator.Define(OrtElementType.Int64),
        SoftmaxCrossEntropyLossGradFromPackedOperator.Define(OrtElementType.Int32),
        LayerNormalizationFromPackedOperator.Definition,
        LayerNormalizationGradFromPackedOperator.Definition,
    ];
}
