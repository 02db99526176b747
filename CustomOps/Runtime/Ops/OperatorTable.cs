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
    ];
}
