using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// What operators that work on each element by itself compute, in float64; truth values are 0 and 1. An input that is
/// left out is NaN, which is within any bound.
/// </summary>
internal static class ElementwiseOperators
{
    private static readonly Dictionary<(OperatorId Operator, int Output), Func<double[], double>> Rows = new()
    {
        [Onnx("Identity")] = x => x[0],
        [Onnx("Cast")] = x => x[0],
        [Onnx("Neg")] = x => -x[0],
        [Onnx("Abs")] = x => Math.Abs(x[0]),
        [Onnx("Sign")] = x => double.IsNaN(x[0]) ? x[0] : Math.Sign(x[0]),
        [Onnx("Sqrt")] = x => Math.Sqrt(x[0]),
        [Onnx("Reciprocal")] = x => 1 / x[0],
        [Onnx("Exp")] = x => Math.Exp(x[0]),
        [Onnx("Log")] = x => Math.Log(x[0]),
        [Onnx("Erf")] = x => ElementaryFunctions.Erf(x[0]),
        [Onnx("Tanh")] = x => Math.Tanh(x[0]),
        [Onnx("Sigmoid")] = x => 1 / (1 + Math.Exp(-x[0])),
        [Onnx("Relu")] = x => Math.Max(x[0], 0),
        [Onnx("Clip")] = x => Clip(x[0], At(x, 1), At(x, 2)),
        [Onnx("Pow")] = x => Math.Pow(x[0], x[1]),
        [Onnx("Add")] = x => x[0] + x[1],
        [Onnx("Sub")] = x => x[0] - x[1],
        [Onnx("Mul")] = x => x[0] * x[1],
        [Onnx("Div")] = x => x[0] / x[1],
        [Onnx("Sum")] = x => x.Sum(),
        [Onnx("Min")] = x => x.Min(),
        [Onnx("Max")] = x => x.Max(),
        [Onnx("Where")] = x => x[0] != 0 ? x[1] : x[2],
        [Onnx("Greater")] = x => Truth(x[0] > x[1]),
        [Onnx("GreaterOrEqual")] = x => Truth(x[0] >= x[1]),
        [Onnx("Less")] = x => Truth(x[0] < x[1]),
        [Onnx("LessOrEqual")] = x => Truth(x[0] <= x[1]),
        [Onnx("And")] = x => x[0] * x[1],
        [Onnx("Or")] = x => Math.Max(x[0], x[1]),
        [Onnx("Not")] = x => 1 - x[0],
        [Microsoft("SigmoidGrad")] = x => x[0] * x[1] * (1 - x[1]),
        [Microsoft("TanhGrad")] = x => x[0] * (1 - x[1] * x[1]),
        [Microsoft("ReluGrad")] = x => x[1] > 0 ? x[0] : 0,
        [Microsoft("DivGrad")] = x => x[0] / x[2],
        [Microsoft("DivGrad", output: 1)] = x => -x[0] * x[1] / (x[2] * x[2]),
    };

    /// <summary>An output's element as a function of the inputs'; null where the operator is none of these.</summary>
    public static Func<double[], double>? Find(Value output) =>
        output.Producer is { } producer ? Rows.GetValueOrDefault((producer.Operator, output.OutputIndex)) : null;

    private static double At(double[] inputs, int index) => index < inputs.Length ? inputs[index] : double.NaN;

    private static double Clip(double x, double low, double high) => x < low ? low : x > high ? high : x;

    private static double Truth(bool holds) => holds ? 1 : 0;

    private static (OperatorId, int) Onnx(string type) => (OperatorId.Onnx(type), 0);

    private static (OperatorId, int) Microsoft(string type, int output = 0) =>
        (new OperatorId(OperatorId.Microsoft, type), output);
}
