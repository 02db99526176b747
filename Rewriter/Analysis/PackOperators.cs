using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>The project's own operators as graph nodes.</summary>
internal static class PackOperators
{
    public static OperatorId QuantizePack { get; } = Own("QuantizePack");

    public static OperatorId UnpackDequant { get; } = Own("UnpackDequant");

    public static OperatorId ShapeCarrier { get; } = Own("ShapeCarrier");

    public static bool IsOwn(OperatorId op) => op.Domain == QuantizePack.Domain;

    /// <summary>Which output is the input's alias, or -1.</summary>
    public static int PassThroughOutput(OperatorId op) =>
        op == QuantizePack ? 2 : op == ShapeCarrier ? 1 : -1;

    private static OperatorId Own(string type) => new("ai.onnxactnn", type);
}
