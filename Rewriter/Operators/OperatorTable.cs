using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Operators.Need;

namespace OnnxActNN.Rewriter.Operators;

/// <summary>
/// One row per operator that can read a saved tensor in a backward pass, with the need of each input. Reviewed against
/// ONNX opset 28 and the training operators of ONNX Runtime 1.19.2. An operator without a row is reported and gets
/// exact tensors.
/// </summary>
/// <remarks>
/// Gradient inputs stand as <see cref="Linear"/>: every gradient operator is linear in the gradient it is given.
/// </remarks>
internal static class OperatorTable
{
    /// <summary>
    /// dY, X → dX: the gradient of an activation that the graph writes out in several operators. It stands for these
    /// while a graph is rewritten, and in no file.
    /// </summary>
    public static OperatorId ActivationGrad { get; } = new(OperatorSchema.Domain, "ActivationGrad");

    private static readonly Dictionary<OperatorId, OperatorTraits> Rows = new OperatorTraits[]
    {
        // Linear algebra: each operand is multiplied with the other.
        Microsoft("ConvGrad", Linear, Linear, Linear),
        Microsoft("ConvTransposeGrad", Linear, Linear, Linear),
        Microsoft("ResizeGrad", Linear, Linear, Exact, Exact), // Reads its second input for the shape, but as a tensor.
        Microsoft("FusedMatMul", Linear, Linear),
        Onnx("MatMul", Linear, Linear),
        Onnx("Gemm", Linear, Linear, PassOn),
        Onnx("Conv", Linear, Linear, PassOn),
        Onnx("ConvTranspose", Linear, Linear, PassOn),
        Onnx("Einsum", Linear),
        Onnx("Mul", Linear, Linear),

        // Masks and indices.
        Microsoft("ReluGrad", Linear, Sign),
        Microsoft("LeakyReluGrad", Linear, Sign),
        Microsoft("DropoutGrad", Linear, Bool, Exact, Exact),
        Microsoft("BitmaskDropoutGrad", Linear, Exact, Exact, Exact),
        Microsoft("FakeQuantGrad", Linear, Bool),
        Onnx("Where", Bool, PassOn, PassOn),
        Onnx("MaxPoolGrad", Linear, WindowIndex),

        // Normalization: statistics are small and divide, so they stay exact.
        Microsoft("BatchNormalizationGrad", Linear, Normalization, Exact, Exact, Exact),
        Microsoft("LayerNormalizationGrad", Linear, Normalization, Exact, Exact, Exact),
        Microsoft("SimplifiedLayerNormalizationGrad", Linear, Normalization, Exact, Exact),
        Microsoft("InvertibleLayerNormalizationGrad", Linear, Nonlinear, Exact, Exact, Exact),

        // Activations.
        Microsoft("GeluGrad", Linear, Nonlinear),
        Microsoft("FastGeluGrad", Linear, Nonlinear),
        Microsoft("QuickGeluGrad", Linear, Nonlinear),
        Microsoft("BiasGeluGrad_dX", Linear, Nonlinear, Exact),
        Microsoft("BiasFastGeluGrad_dX", Linear, Nonlinear, Exact),
        new(ActivationGrad, [Linear, Nonlinear]),
        Microsoft("SigmoidGrad", Linear, Nonlinear),
        Microsoft("TanhGrad", Linear, Nonlinear),
        Microsoft("SoftmaxGrad", Linear, Nonlinear),
        Microsoft("SoftmaxGrad_13", Linear, Nonlinear),
        Microsoft("SoftmaxDropoutGrad", Linear, Bool, Nonlinear, Exact),
        Microsoft("LogSoftmaxGrad", Linear, Exact),
        Microsoft("LogSoftmaxGrad_13", Linear, Exact),

        // Losses: log-probabilities go through exp, labels pick rows.
        Microsoft("SoftmaxCrossEntropyGrad", Linear, Exact, Exact),
        Microsoft("SparseSoftmaxCrossEntropyGrad", Linear, Exact, Exact, Exact),
        Microsoft("SoftmaxCrossEntropyLossGrad", Linear, Exact, Exact, Exact),
        Microsoft("SoftmaxCrossEntropyLossInternalGrad", Linear, Exact, Exact, Exact, Exact, Exact),

        // Division: the denominator stays exact.
        Microsoft("DivGrad", Linear, Linear, Exact),
        Onnx("Div", Linear, Exact),

        // Elementwise functions that gradient builders write out.
        Onnx("Pow", Nonlinear, Exact),
        Onnx("Exp", Nonlinear),
        Onnx("Log", Exact),
        Onnx("Sqrt", Exact),
        Onnx("Reciprocal", Exact),
        Onnx("Sin", Nonlinear),
        Onnx("Cos", Nonlinear),
        Onnx("Erf", Nonlinear),
        Onnx("Sigmoid", Nonlinear),
        Onnx("Tanh", Nonlinear),
        Onnx("Softmax", Nonlinear),
        Onnx("LogSoftmax", Exact),
        Onnx("Abs", Nonlinear),
        Onnx("Relu", Nonlinear),
        Onnx("Max", Nonlinear),
        Onnx("Min", Nonlinear),
        Onnx("Clip", Nonlinear, Exact, Exact),

        // Comparisons: which side of a bound decides, so nothing may move.
        Onnx("Sign", Sign),
        Onnx("Equal", Exact),
        Onnx("Greater", Exact),
        Onnx("GreaterOrEqual", Exact),
        Onnx("Less", Exact),
        Onnx("LessOrEqual", Exact),
        Onnx("Not", Bool),
        Onnx("And", Bool, Bool),
        Onnx("Or", Bool, Bool),

        // Views, sums and moves: what the readers of the result need.
        Onnx("Identity", PassOn),
        Onnx("Reshape", PassOn, Exact),
        Onnx("Flatten", PassOn),
        Onnx("Squeeze", PassOn, Exact),
        Onnx("Unsqueeze", PassOn, Exact),
        Onnx("Transpose", PassOn),
        Onnx("Cast", PassOn),
        Onnx("Neg", PassOn),
        Onnx("Add", PassOn),
        Onnx("Sub", PassOn),
        Onnx("Sum", PassOn),
        Onnx("Concat", PassOn),
        Onnx("Split", PassOn, Exact),
        Onnx("Slice", PassOn, Exact),
        Onnx("Gather", PassOn, Exact),
        Onnx("GatherElements", PassOn, Exact),
        Onnx("GatherND", PassOn, Exact),
        Onnx("Expand", PassOn, Exact),
        Onnx("Tile", PassOn, Exact),
        Onnx("Pad", PassOn, Exact),
        Onnx("ReduceSum", PassOn, Exact),
        Onnx("ReduceMean", PassOn, Exact),
        Onnx("Trilu", PassOn, Exact),
        Microsoft("Trilu", PassOn, Exact),
        Microsoft("ReduceSumTraining", PassOn, Exact),
        Microsoft("ConcatTraining", PassOn),
        Microsoft("SplitTraining", PassOn, Exact),
        Microsoft("Scale", PassOn, Exact),

        // Gradients of moves read shapes and indices, both int64.
        Microsoft("GatherGrad", Exact, Exact, Linear),
        Microsoft("GatherElementsGrad", Linear, Exact, Exact),
        Microsoft("GatherNDGrad", Exact, Exact, Linear),
        Microsoft("SliceGrad", Linear, Exact),
        Microsoft("BroadcastGradientArgs", Exact),
        Onnx("ScatterND", PassOn, Exact, PassOn),
        Onnx("ScatterElements", PassOn, Exact, PassOn),
        Onnx("AveragePool", PassOn),
        Onnx("AveragePoolGrad", Linear),

        // Cells and gates go through derivatives of tanh and sigmoid, step after step. X and the hidden states are only
        // multiplied, but beside eight-bit gates, of which each step has four, few bits for them would save little and
        // be most of the noise. Inputs: X, W, R, lengths, first states, all states, gates.
        Microsoft(
            "LSTMGrad", Nonlinear, Linear, Linear, Exact, Linear, Linear, Nonlinear, Nonlinear, Nonlinear, Linear),
        Microsoft("GRUGrad", Exact), // Multiplies hidden states with each other; has no recipe that could be tested on.

        // Shapes.
        Onnx("Shape", Need.Shape),
        Onnx("Size", Need.Shape),

        // Where gradients end.
        Microsoft("InPlaceAccumulatorV2", Exact, Linear, Exact),
        Microsoft("InPlaceAccumulator", Exact, Linear, Exact),
    }.ToDictionary(row => row.Operator);

    /// <summary>Every row, in the order above.</summary>
    public static IEnumerable<OperatorTraits> All => Rows.Values;

    public static OperatorTraits? Find(OperatorId op) => Rows.GetValueOrDefault(op);

    private static OperatorTraits Onnx(string type, params Need[] inputs) => new(OperatorId.Onnx(type), inputs);

    private static OperatorTraits Microsoft(string type, params Need[] inputs) =>
        new(new OperatorId(OperatorId.Microsoft, type), inputs);
}
