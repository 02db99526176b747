using OnnxActNN.Rewriter.IR;
using static OnnxActNN.TestModels.Building.Attributes;

namespace OnnxActNN.TestModels.Building;

/// <summary>
/// The backward pass as ONNX Runtime's gradient builder and generate_artifacts write it: gradient operators of com.microsoft,
/// the seed an initializer, the marker in doc_string, and per parameter a buffer that the gradient is added to.
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
            var buffer = graph.AddValue(parameter.Name + "_grad.accumulation.buffer", ModelBuilder.Fixed(parameter.Sizes));
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
        [writer.NewGradient(forward.Input(0)), writer.NewGradient(forward.Input(1)), writer.NewGradient(forward.Input(2))],
        [.. forward.Attributes]);

    private static void BatchNorm(BackwardWriter writer, Node forward, Value gradient) => writer.Append(
        Microsoft("BatchNormalizationGrad"), forward,
        [gradient, forward.Input(0), forward.Input(1), forward.Output(3), forward.Output(4)],
        [writer.NewGradient(forward.Input(0)), writer.NewGradient(forward.Input(1)), writer.NewGradient(forward.Input(2))],
        forward.Attributes.Find("epsilon")!);

    private static void Add(BackwardWriter writer, Node forward, Value gradient)
    {
        foreach (var input in forward.Inputs)
            writer.Append(OperatorId.Onnx("Identity"), forward, [gradient], [writer.NewGradient(input)]);
    }

    private static void MaxPool(BackwardWriter writer, Node forward, Value gradient) => writer.Append(
        OperatorId.Onnx("MaxPoolGrad"), forward, [gradient, forward.Output(1)], [writer.NewGradient(forward.Input(0))],
        [.. forward.Attributes]);

    private static void GlobalAveragePool(BackwardWriter writer, Node forward, Value gradient)
    {
        var input = forward.Input(0)!;
        var plane = input.Declared!.Shape![2].Value!.Value * input.Declared.Shape[3].Value!.Value;
        var count = writer.Builder.Graph.AddConstant($"{forward.Name}_Grad/Scale", DenseTensorData.Floats([1], [plane]));
        var scaled = writer.Builder.Graph.AddFreshValue($"{forward.Name}_Grad/scaled_dY", gradient.Declared);
        var shape = writer.ShapeBefore(forward, input);
        writer.Append(Microsoft("Scale"), forward, [gradient, count], [scaled], Int("scale_down", 1));
        writer.Append(OperatorId.Onnx("Expand"), forward, [scaled, shape], [writer.NewGradient(input)]);
    }

    private static void Flatten(BackwardWriter writer, Node forward, Value gradient)
    {
        var shape = writer.ShapeBefore(forward, forward.Input(0)!);
        writer.Append(
            OperatorId.Onnx("Reshape"), forward, [gradient, shape], [writer.NewGradient(forward.Input(0))], Int("allowzero", 0));
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
