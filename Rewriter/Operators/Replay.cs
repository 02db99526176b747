using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Operators;

/// <summary>
/// A forward operator that may be run once more in the backward pass, on restored inputs: one row per operator that is
/// cheap enough.
/// </summary>
/// <param name="Operator">The operator.</param>
/// <param name="Kind">What it costs, and what it does to noise.</param>
/// <param name="RestoredInputs">
/// Inputs that may be restored tensors, from the first on; the others must be kept anyway.
/// </param>
internal sealed record Replay(OperatorId Operator, ReplayKind Kind, int RestoredInputs)
{
    private const int All = int.MaxValue;

    private static readonly Dictionary<OperatorId, Replay> Rows = new Replay[]
    {
        Onnx("Identity", ReplayKind.View),
        Onnx("Reshape", ReplayKind.View),
        Onnx("Flatten", ReplayKind.View),
        Onnx("Squeeze", ReplayKind.View),
        Onnx("Unsqueeze", ReplayKind.View),
        Onnx("Transpose", ReplayKind.View),
        Onnx("Slice", ReplayKind.View),
        Onnx("Pad", ReplayKind.View),
        Onnx("Concat", ReplayKind.View, All),
        new(new OperatorId(OperatorId.Microsoft, "ConcatTraining"), ReplayKind.View, All),

        Onnx("Neg", ReplayKind.Linear),
        Onnx("Add", ReplayKind.Linear, All),
        Onnx("Sub", ReplayKind.Linear, All),
        Onnx("Sum", ReplayKind.Linear, All),
        Onnx("Div", ReplayKind.Linear),
        Onnx("Mul", ReplayKind.Scaling, All),

        Onnx("Gelu", ReplayKind.Nonlinear),
        new(new OperatorId(OperatorId.Microsoft, "Gelu"), ReplayKind.Nonlinear, 1),
        new(new OperatorId(OperatorId.Microsoft, "FastGelu"), ReplayKind.Nonlinear, 1),
        new(new OperatorId(OperatorId.Microsoft, "QuickGelu"), ReplayKind.Nonlinear, 1),

        Onnx("MatMul", ReplayKind.Product),
        Onnx("Gemm", ReplayKind.Product),
    }.ToDictionary(row => row.Operator);

    /// <summary>Every row, in the order above.</summary>
    public static IEnumerable<Replay> Table => Rows.Values;

    public static Replay? Find(OperatorId op) => Rows.GetValueOrDefault(op);

    private static Replay Onnx(string type, ReplayKind kind, int restoredInputs = 1) =>
        new(OperatorId.Onnx(type), kind, restoredInputs);
}
