using OnnxActNN.Rewriter.IR;
using static OnnxActNN.TestModels.Building.Attributes;

namespace OnnxActNN.TestModels.Building;

/// <summary>
/// The backward pass as ONNX Runtime's gradient builder and generate_artifacts write it: gradient operators of
/// com.microsoft, the seed an initializer, the marker in doc_string, and per parameter a buffer that the gradient is
/// added to.
/// </summary>
internal sealed class OrtGradients : GradientStyle
{
    private const string ResetName = "lazy_reset_grad";
    private static readonly OperatorId Accumulator = Microsoft("InPlaceAccumulatorV2");

    public override string Marker => "Backward pass";

    /// <summary>
    /// Whether a Relu's gradient reads what goes in rather than what comes out; exporters write both.
    /// </summary>
    public bool ReluReadsInput { get; init; }

    /// <summary>An operator to write in the place of ReluGrad, with the same inputs.</summary>
    public OperatorId ReluGradient { get; init; } = Microsoft("ReluGrad");

    public override IReadOnlyDictionary<OperatorId, GradientRule> Rules => new Dictionary<OperatorId, GradientRule>
    {
        [OperatorId.Onnx("Conv")] = Conv,
        [Microsoft("BatchNormInternal")] = BatchNorm,
        [OperatorId.Onnx("Relu")] = Relu,
        [OperatorId.Onnx("Add")] = Add,
        [OperatorId.Onnx("Mul")] = Mul,
        [OperatorId.Onnx("Div")] = DivByConstant,
        [OperatorId.Onnx("Exp")] = Exp,
        [OperatorId.Onnx("Log")] = Log,
        [OperatorId.Onnx("Erf")] = Erf,
        [OperatorId.Onnx("Tanh")] = OfOutput("TanhGrad"),
        [OperatorId.Onnx("Sigmoid")] = OfOutput("SigmoidGrad"),
        [OperatorId.Onnx("Clip")] = Clip,
        [OperatorId.Onnx("Where")] = Where,
        [OperatorId.Onnx("MaxPool")] = MaxPool,
        [OperatorId.Onnx("GlobalAveragePool")] = GlobalAveragePool,
        [OperatorId.Onnx("Flatten")] = Flatten,
        [OperatorId.Onnx("Gemm")] = Gemm,
        [OperatorId.Onnx("SoftmaxCrossEntropyLoss")] = CrossEntropy,
    };

    protected override Value Seed(ModelBuilder builder, Value loss) =>
        builder.Graph.AddConstant(loss.Name + "_grad", DenseTensorData.Scalar(1f));

    protected override void Deliver(ModelBuilder builder, IReadOnlyList<Value> gradients)
    {
        var graph = builder.Graph;
        var parameters = builder.Parameters;
        var flag = new TensorType(DataType.Bool, Shape.Of(1));
        var buffers = new List<Value>();
        foreach (var parameter in parameters)
        {
            var buffer = graph.AddValue(
                parameter.Name + "_grad.accumulation.buffer", ModelBuilder.Fixed(parameter.Sizes));
            graph.AddInput(buffer);
            buffers.Add(buffer);
        }
        var reset = graph.AddValue(ResetName, flag);
        graph.AddInput(reset);
        for (var index = 0; index < parameters.Count; index++)
        {
            var updated = graph.AddValue(parameters[index].Name + "_grad.accumulation.out", flag);
            builder.Append(
                Accumulator, $"GradientAccumulator{index + 1}", [buffers[index], gradients[index], reset], [updated]);
            graph.AddOutput(updated);
        }
    }

    private static OperatorId Microsoft(string type) => new(OperatorId.Microsoft, type);

    private static void Conv(BackwardWriter writer, Node forward, Value gradient) => writer.Append(
        Microsoft("ConvGrad"), forward, [gradient, forward.Input(0), forward.Input(1)],
        [writer.NewGradient(forward.Input(0)), writer.NewGradient(forward.Input(1)),
        writer.NewGradient(forward.Input(2))], [.. forward.Attributes]);

    private static void BatchNorm(BackwardWriter writer, Node forward, Value gradient) => writer.Append(
        Microsoft("BatchNormalizationGrad"), forward,
        [gradient, forward.Input(0), forward.Input(1), forward.Output(3), forward.Output(4)],
        [writer.NewGradient(forward.Input(0)), writer.NewGradient(forward.Input(1)),
        writer.NewGradient(forward.Input(2))], forward.Attributes.Find("epsilon")!);

    private static void Add(BackwardWriter writer, Node forward, Value gradient)
    {
        foreach (var input in forward.Inputs)
            writer.Append(OperatorId.Onnx("Identity"), forward, [gradient], [writer.NewGradient(input)]);
    }

    private static void Mul(BackwardWriter writer, Node forward, Value gradient)
    {
        for (var index = 0; index < 2; index++)
        {
            if (!writer.Needs(forward.Input(index))) continue;
            var product = writer.Apply("Mul", forward, gradient.Declared!, [gradient, forward.Input(1 - index)]);
            writer.Append(OperatorId.Onnx("Identity"), forward, [product], [writer.NewGradient(forward.Input(index))]);
        }
    }

    private static void DivByConstant(BackwardWriter writer, Node forward, Value gradient) => writer.Append(
        OperatorId.Onnx("Div"), forward, [gradient, forward.Input(1)], [writer.NewGradient(forward.Input(0))]);

    private static void Exp(BackwardWriter writer, Node forward, Value gradient) => writer.Append(
        OperatorId.Onnx("Mul"), forward, [gradient, forward.Output(0)], [writer.NewGradient(forward.Input(0))]);

    private static void Log(BackwardWriter writer, Node forward, Value gradient) => writer.Append(
        OperatorId.Onnx("Div"), forward, [gradient, forward.Input(0)], [writer.NewGradient(forward.Input(0))]);

    /// <summary>2/√π · e^(−x²).</summary>
    private static void Erf(BackwardWriter writer, Node forward, Value gradient)
    {
        var (x, type) = (forward.Input(0)!, gradient.Declared!);
        var square = writer.Apply("Mul", forward, type, [x, x]);
        var density = writer.Apply("Exp", forward, type, [writer.Apply("Neg", forward, type, [square])]);
        var derivative = writer.Apply("Mul", forward, type, [density, writer.Builder.Number(1.1283792f)]);
        writer.Append(OperatorId.Onnx("Mul"), forward, [gradient, derivative], [writer.NewGradient(x)]);
    }

    private static GradientRule OfOutput(string type) => (writer, forward, gradient) => writer.Append(
        Microsoft(type), forward, [gradient, forward.Output(0)], [writer.NewGradient(forward.Input(0))]);

    private static void Clip(BackwardWriter writer, Node forward, Value gradient)
    {
        var (x, type) = (forward.Input(0)!, gradient.Declared! with { ElementType = DataType.Bool });
        var low = forward.Input(1) is { } min ? writer.Apply("GreaterOrEqual", forward, type, [x, min]) : null;
        var high = forward.Input(2) is { } max ? writer.Apply("LessOrEqual", forward, type, [x, max]) : null;
        var inside = low is null ? high : high is null ? low : writer.Apply("And", forward, type, [low, high]);
        var mask = writer.Apply("Cast", forward, gradient.Declared!, [inside], Int("to", (long)DataType.Float));
        writer.Append(OperatorId.Onnx("Mul"), forward, [gradient, mask], [writer.NewGradient(x)]);
    }

    private static void Where(BackwardWriter writer, Node forward, Value gradient)
    {
        var (condition, zero) = (forward.Input(0), writer.Builder.Number(0));
        writer.Append(
            OperatorId.Onnx("Where"), forward, [condition, gradient, zero], [writer.NewGradient(forward.Input(1))]);
        writer.Append(
            OperatorId.Onnx("Where"), forward, [condition, zero, gradient], [writer.NewGradient(forward.Input(2))]);
    }

    private static void MaxPool(BackwardWriter writer, Node forward, Value gradient) => writer.Append(
        OperatorId.Onnx("MaxPoolGrad"), forward, [gradient, forward.Output(1)], [writer.NewGradient(forward.Input(0))],
        [.. forward.Attributes]);

    private static void GlobalAveragePool(BackwardWriter writer, Node forward, Value gradient)
    {
        var input = forward.Input(0)!;
        var plane = input.Declared!.Shape![2].Value!.Value * input.Declared.Shape[3].Value!.Value;
        var count = writer.Builder.Graph.AddConstant(
            $"{forward.Name}_Grad/Scale", DenseTensorData.Floats([1], [plane]));
        var scaled = writer.Builder.Graph.AddFreshValue($"{forward.Name}_Grad/scaled_dY", gradient.Declared);
        var shape = writer.ShapeBefore(forward, input);
        writer.Append(Microsoft("Scale"), forward, [gradient, count], [scaled], Int("scale_down", 1));
        writer.Append(OperatorId.Onnx("Expand"), forward, [scaled, shape], [writer.NewGradient(input)]);
    }

    private static void Flatten(BackwardWriter writer, Node forward, Value gradient)
    {
        var shape = writer.ShapeBefore(forward, forward.Input(0)!);
        writer.Append(
            OperatorId.Onnx("Reshape"), forward, [gradient, shape], [writer.NewGradient(forward.Input(0))],
            Int("allowzero", 0));
    }

    private static void Gemm(BackwardWriter writer, Node forward, Value gradient)
    {
        var bias = forward.Input(2)!;
        var axes = writer.Builder.Graph.AddConstant($"{forward.Name}_Grad/ReduceAxes", DenseTensorData.Integers(0));
        var reduced = writer.Apply("ReduceSum", forward, bias.Declared!, [gradient, axes], Int("keepdims", 0));
        writer.Append(OperatorId.Onnx("Identity"), forward, [reduced], [writer.NewGradient(bias)]);
        writer.Append(
            OperatorId.Onnx("Gemm"), forward, [gradient, forward.Input(0)], [writer.NewGradient(forward.Input(1))],
            Int("transA", 1), Int("transB", 0), Float("alpha", 1), Float("beta", 0));
        writer.Append(
            OperatorId.Onnx("Gemm"), forward, [gradient, forward.Input(1)], [writer.NewGradient(forward.Input(0))],
            Int("transA", 0), Int("transB", 0), Float("alpha", 1), Float("beta", 0));
    }

    private static void CrossEntropy(BackwardWriter writer, Node forward, Value gradient) => writer.Append(
        Microsoft("SoftmaxCrossEntropyLossGrad"), forward, [gradient, forward.Output(1), forward.Input(1)],
        [writer.NewGradient(forward.Input(0))], Text("reduction", "mean"));

    private void Relu(BackwardWriter writer, Node forward, Value gradient) => writer.Append(
        ReluGradient, forward, [gradient, ReluReadsInput ? forward.Input(0) : forward.Output(0)],
        [writer.NewGradient(forward.Input(0))]);
}
