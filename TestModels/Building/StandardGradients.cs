using OnnxActNN.Rewriter.IR;
using static OnnxActNN.TestModels.Building.Attributes;

namespace OnnxActNN.TestModels.Building;

/// <summary>
/// The backward pass in standard ONNX operators alone, as hand-written or lowered step graphs have it: it runs on every
/// ONNX Runtime. Outputs behind the loss are the gradients, <c>PARAMETER_grad</c>, in the parameters' order.
/// </summary>
/// <remarks>
/// The nodes that write the parameters' gradients stand at the end of the file, in the parameters' order: ONNX Runtime
/// visits the last leaf first, so the last layer's gradients come first and saved tensors are freed on the way.
/// </remarks>
internal sealed class StandardGradients : GradientStyle
{
    private static readonly long[] SwapBatchAndChannels = [1, 0, 2, 3];

    public override string Marker => "";

    public override IReadOnlyDictionary<OperatorId, GradientRule> Rules { get; } =
        new Dictionary<OperatorId, GradientRule>
        {
            [OperatorId.Onnx("Conv")] = Conv,
            [OperatorId.Onnx("Relu")] = Relu,
            [OperatorId.Onnx("Add")] = Add,
            [OperatorId.Onnx("GlobalAveragePool")] = GlobalAveragePool,
            [OperatorId.Onnx("Flatten")] = Flatten,
            [OperatorId.Onnx("Gemm")] = Gemm,
            [OperatorId.Onnx("SoftmaxCrossEntropyLoss")] = CrossEntropy,
        };

    protected override Value Seed(ModelBuilder builder, Value loss) => loss;

    protected override void Deliver(ModelBuilder builder, IReadOnlyList<Value> gradients)
    {
        var nodes = builder.Graph.Nodes;
        foreach (var gradient in gradients)
        {
            builder.Graph.AddOutput(gradient);
            var (writer, last) = (gradient.Producer!, nodes.Last!);
            if (writer == last) continue;
            nodes.MoveBefore(last, writer);
            nodes.MoveBefore(writer, last);
        }
    }

    private static void Conv(BackwardWriter writer, Node forward, Value gradient)
    {
        if (forward.Input(2) is { } bias && writer.Needs(bias))
            writer.Append(
                OperatorId.Onnx("ReduceSum"), forward, [gradient, Constant(writer, forward, "axes", 0, 2, 3)],
                [writer.NewGradient(bias)], Int("keepdims", 0));
        if (writer.Needs(forward.Input(1))) ConvWeight(writer, forward, gradient);
        ConvInput(writer, forward, gradient);
    }

    /// <summary>
    /// dW[o, c, i, j] = Σ over n, y, x of dY[n, o, y, x] · X[n, c, y·stride + i − pad, x·stride + j − pad].
    /// </summary>
    /// <remarks>
    /// A convolution with batch and channels swapped, where stride and dilation change places. Rows that the forward
    /// pass's stride did not reach make the result larger than the kernel: they are cut off.
    /// </remarks>
    private static void ConvWeight(BackwardWriter writer, Node forward, Value gradient)
    {
        var (input, weight) = (forward.Input(0)!, forward.Input(1)!);
        var kernel = forward.Attributes.GetInts("kernel_shape")!;
        var remainder = Remainder(forward);
        var (channels, filters) = (weight.Declared!.Shape![1], weight.Declared.Shape[0]);
        var swapped = new Shape(channels, filters, Dimension.Of(kernel[0]), Dimension.Of(kernel[1]));
        var raw = swapped.With(2, Dimension.Of(kernel[0] + remainder)).With(3, Dimension.Of(kernel[1] + remainder));
        var result = writer.Apply(
            "Conv", forward, new TensorType(DataType.Float, raw),
            [Swap(writer, forward, input), Swap(writer, forward, gradient)],
            Ints("strides", 1, 1), Ints("dilations", [.. forward.Attributes.GetInts("strides")!]),
            Ints("pads", [.. forward.Attributes.GetInts("pads")!]));
        if (remainder > 0) result = CutPlane(writer, forward, result, new TensorType(DataType.Float, swapped));
        writer.Append(
            OperatorId.Onnx("Transpose"), forward, [result], [writer.NewGradient(weight)],
            Ints("perm", SwapBatchAndChannels));
    }

    private static Value CutPlane(BackwardWriter writer, Node forward, Value value, TensorType type)
    {
        var starts = Constant(writer, forward, "starts", 0, 0);
        var ends = Constant(writer, forward, "ends", [.. type.Shape!.Skip(2).Select(size => size.Value!.Value)]);
        return writer.Apply("Slice", forward, type, [value, starts, ends, Constant(writer, forward, "axes", 2, 3)]);
    }

    /// <summary>
    /// dX is the transposed convolution of dY; rows the stride did not reach get zeros by output_padding.
    /// </summary>
    private static void ConvInput(BackwardWriter writer, Node forward, Value gradient)
    {
        var remainder = Remainder(forward);
        writer.Append(
            OperatorId.Onnx("ConvTranspose"), forward, [gradient, forward.Input(1)],
            [writer.NewGradient(forward.Input(0))], Ints("strides", [.. forward.Attributes.GetInts("strides")!]),
            Ints("pads", [.. forward.Attributes.GetInts("pads")!]),
            Ints("output_padding", remainder, remainder));
    }

    /// <summary>Dense layers: Y = X·Wᵀ + b.</summary>
    private static void Gemm(BackwardWriter writer, Node forward, Value gradient)
    {
        writer.Append(
            OperatorId.Onnx("ReduceSum"), forward, [gradient, Constant(writer, forward, "axes", 0)],
            [writer.NewGradient(forward.Input(2))], Int("keepdims", 0));
        writer.Append(
            OperatorId.Onnx("Gemm"), forward, [gradient, forward.Input(0)], [writer.NewGradient(forward.Input(1))],
            Int("transA", 1));
        writer.Append(
            OperatorId.Onnx("MatMul"), forward, [gradient, forward.Input(1)], [writer.NewGradient(forward.Input(0))]);
    }

    private static void Relu(BackwardWriter writer, Node forward, Value gradient)
    {
        var output = forward.Output(0)!;
        var graph = writer.Builder.Graph;
        var zero = graph.FindOwn("zero") ?? graph.AddConstant("zero", DenseTensorData.Scalar(0f));
        var mask = writer.Apply(
            "Greater", forward, output.Declared! with { ElementType = DataType.Bool }, [output, zero]);
        writer.Append(
            OperatorId.Onnx("Where"), forward, [mask, gradient, zero], [writer.NewGradient(forward.Input(0))]);
    }

    private static void Add(BackwardWriter writer, Node forward, Value gradient)
    {
        foreach (var input in forward.Inputs)
        {
            if (writer.Needs(input)) writer.Give(input!, gradient);
        }
    }

    private static void GlobalAveragePool(BackwardWriter writer, Node forward, Value gradient)
    {
        var input = forward.Input(0)!;
        var sizes = input.Declared!.Shape!.Skip(1).Select(size => size.Value!.Value).ToArray();
        var share = writer.Builder.Graph.AddConstant(
            $"{forward.Name}_Grad/share", DenseTensorData.Scalar(1f / (sizes[1] * sizes[2])));
        var scaled = writer.Apply("Mul", forward, gradient.Declared!, [gradient, share]);
        var shape = Constant(writer, forward, "shape", [1, .. sizes]);
        writer.Append(OperatorId.Onnx("Expand"), forward, [scaled, shape], [writer.NewGradient(input)]);
    }

    private static void Flatten(BackwardWriter writer, Node forward, Value gradient)
    {
        var input = forward.Input(0)!;
        var sizes = input.Declared!.Shape!.Skip(1).Select(size => size.Value!.Value);
        var shape = Constant(writer, forward, "shape", [-1, .. sizes]);
        writer.Append(OperatorId.Onnx("Reshape"), forward, [gradient, shape], [writer.NewGradient(input)]);
    }

    /// <summary>(softmax − one-hot) / batch; the loss's own gradient is 1 and does not appear.</summary>
    private static void CrossEntropy(BackwardWriter writer, Node forward, Value gradient)
    {
        var (logits, labels) = (forward.Input(0)!, forward.Input(1)!);
        var type = logits.Declared!;
        var graph = writer.Builder.Graph;
        var depth = graph.AddConstant(
            $"{forward.Name}_Grad/classes", DenseTensorData.Scalar(type.Shape![1].Value!.Value));
        var values = graph.AddConstant($"{forward.Name}_Grad/off_on", DenseTensorData.Floats([2], [0, 1]));
        var probabilities = writer.Apply("Exp", forward, type, [forward.Output(1)]);
        var target = writer.Apply("OneHot", forward, type, [labels, depth, values], Int("axis", -1));
        var difference = writer.Apply("Sub", forward, type, [probabilities, target]);
        var count = writer.Apply("Size", forward, new TensorType(DataType.Int64, Shape.Scalar), [labels]);
        var batch = writer.Apply("Cast", forward, ModelBuilder.Fixed(), [count], Int("to", (long)DataType.Float));
        writer.Append(OperatorId.Onnx("Div"), forward, [difference, batch], [writer.NewGradient(logits)]);
    }

    private static Value Swap(BackwardWriter writer, Node forward, Value value)
    {
        var shape = value.Declared!.Shape!;
        var type = new TensorType(DataType.Float, new Shape(shape[1], shape[0], shape[2], shape[3]));
        return writer.Apply("Transpose", forward, type, [value], Ints("perm", SwapBatchAndChannels));
    }

    /// <summary>
    /// Rows of the padded input that the last step of the stride leaves over; planes and kernels are square.
    /// </summary>
    private static long Remainder(Node forward)
    {
        var plane = forward.Input(0)!.Declared!.Shape![2].Value!.Value;
        var kernel = forward.Attributes.GetInts("kernel_shape")![0];
        return (plane + 2 * forward.Attributes.GetInts("pads")![0] - kernel) % forward.Attributes.GetInts(
            "strides")![0];
    }

    private static Value Constant(BackwardWriter writer, Node forward, string stem, params long[] elements) =>
        writer.Builder.Graph.AddConstant($"{forward.Name}_Grad/{stem}", DenseTensorData.Integers(elements));
}
