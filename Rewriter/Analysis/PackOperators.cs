using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>The project's own operators as graph nodes.</summary>
internal static class PackOperators
{
    public static OperatorId QuantizePack { get; } = Own(OperatorSchema.QuantizePack.Name);

    public static OperatorId UnpackDequant { get; } = Own(OperatorSchema.UnpackDequant.Name);

    public static OperatorId ShapeCarrier { get; } = Own(OperatorSchema.ShapeCarrier.Name);

    public static OperatorId ActProfile { get; } = Own(OperatorSchema.ActProfile.Name);

    public static bool IsOwn(OperatorId op) => op.Domain == OperatorSchema.Domain;

    /// <summary>Which output is the input's alias, or -1.</summary>
    public static int PassThroughOutput(OperatorId op) =>
        op == QuantizePack ? 2 : op == ShapeCarrier ? 1 : op == ActProfile ? 0 : -1;

    private static OperatorId Own(string type) => new(OperatorSchema.Domain, type);
}
