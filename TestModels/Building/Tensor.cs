using OnnxActNN.Rewriter.IR;
using static OnnxActNN.TestModels.Building.Attributes;

namespace OnnxActNN.TestModels.Building;

/// <summary>
/// A value in the forward pass, with the layers that can follow it. The first dimension is the batch.
/// </summary>
internal sealed class Tensor(ModelBuilder builder, Value value)
{
    public Value Value { get; } = value;

    private Shape Shape => Value.Declared!.Shape!;

    private long Channels => Shape[1].Value!.Value;

    /// <summary>A square convolution; padding keeps the plane at stride 1 and an odd kernel.</summary>
    /// <param name="name">Stem of the parameters' names.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="kernel">Side of the kernel.</param>
    /// <param name="stride">Stride of both axes.</param>
    /// <param name="hasBias">Whether there is a bias.</param>
    /// <param name="isFrozen">Whether the weight is a constant.</param>
    /// <param name="gain">Factor on the weight's initial deviation.</param>
    public Tensor Conv(
        string name, long channels, long kernel = 3, long stride = 1, bool hasBias = false, bool isFrozen = false,
        double gain = 1)
    {
        var weight = builder.Weight(name + ".weight", [channels, Channels, kernel, kernel], gain, isFrozen);
        var bias = hasBias ? builder.Parameter(name + ".bias", [channels], new float[channels]) : null;
        var pad = kernel / 2;
        Dimension Pooled(Dimension size) => Dimension.Of((size.Value!.Value + 2 * pad - kernel) / stride + 1);
        return Apply(
            "Conv", $"/{name}/Conv", ModelBuilder.Batched(Dimension.Of(channels), Pooled(Shape[2]), Pooled(Shape[3])),
            bias is null ? [weight] : [weight, bias],
            Ints("kernel_shape", kernel, kernel), Ints("strides", stride, stride), Ints("pads", pad, pad, pad, pad),
            Ints("dilations", 1, 1), Int("group", 1));
    }

    /// <summary>
    /// Batch normalization as ONNX Runtime's gradient builder prepares it: saved statistics are outputs.
    /// </summary>
    public Tensor BatchNorm(string name)
    {
        long[] sizes = [Channels];
        Value Statistic(string stem, float value) =>
            builder.Parameter($"{name}.{stem}", sizes, ParameterValues.Constant(Channels, value), isFrozen: true);
        Value Output(string stem, TensorType type) =>
            builder.Graph.AddFreshValue($"/{name}/BatchNormalization_{stem}", type);
        var statistics = ModelBuilder.Fixed(sizes);
        var result = Output("output_0", Value.Declared!);
        var node = builder.Append(
            new OperatorId(OperatorId.Microsoft, "BatchNormInternal"), $"/{name}/BatchNormalization",
            [
                Value,
                builder.Parameter(name + ".weight", sizes, ParameterValues.Constant(Channels, 1)),
                builder.Parameter(name + ".bias", sizes, new float[Channels]),
                Statistic("running_mean", 0),
                Statistic("running_var", 1),
            ],
            [
                result, Output("output_1", statistics), Output("output_2", statistics),
                Output("saved_mean", statistics), Output("saved_inv_std", statistics),
            ],
            Float("epsilon", 1e-5f), Float("momentum", 0.9f), Int("training_mode", 1));
        node.DocString = "BatchNormalization with saved mean/inv_std";
        return new Tensor(builder, result);
    }

    public Tensor Relu() => Apply("Relu", builder.NextName("Relu"), Value.Declared!, []);

    /// <summary>An operator of one input that works on each element by itself.</summary>
    public Tensor Map(string type) => Apply(type, builder.NextName(type), Value.Declared!, []);

    /// <summary>The product with a tensor of the same shape, element by element.</summary>
    public Tensor Times(Tensor other) => Apply("Mul", builder.NextName("Mul"), Value.Declared!, [other.Value]);

    public Tensor Times(float number) =>
        Apply("Mul", builder.NextName("Mul"), Value.Declared!, [builder.Number(number)]);

    public Tensor Over(float number) =>
        Apply("Div", builder.NextName("Div"), Value.Declared!, [builder.Number(number)]);

    public Tensor Plus(float number) =>
        Apply("Add", builder.NextName("Add"), Value.Declared!, [builder.Number(number)]);

    /// <summary>Each element, or the bound it is beyond; null leaves a bound out.</summary>
    public Tensor Clip(float? low, float? high)
    {
        Value?[] bounds =
            [low is { } least ? builder.Number(least) : null, high is { } most ? builder.Number(most) : null];
        return Apply("Clip", builder.NextName("Clip"), Value.Declared!, bounds);
    }

    /// <summary>The one tensor's elements where this one's are positive, elsewhere the other's.</summary>
    public Tensor WherePositive(Tensor then, Tensor otherwise)
    {
        var type = Value.Declared! with { ElementType = DataType.Bool };
        return Apply("Greater", builder.NextName("Greater"), type, [builder.Number(0)])
            .Apply("Where", builder.NextName("Where"), Value.Declared!, [then.Value, otherwise.Value]);
    }

    /// <summary>The sum with a tensor of the same shape.</summary>
    public Tensor Add(Tensor other) => Apply("Add", builder.NextName("Add"), Value.Declared!, [other.Value]);

    /// <summary>Max pooling without overlap; the indices are a second output, for the gradient.</summary>
    public Tensor MaxPool(long kernel)
    {
        Dimension Pooled(Dimension size) => Dimension.Of(size.Value!.Value / kernel);
        var type = ModelBuilder.Batched(Shape[1], Pooled(Shape[2]), Pooled(Shape[3]));
        var name = builder.NextName("MaxPool");
        var result = builder.Graph.AddFreshValue(name + "_output_0", type);
        var indices = builder.Graph.AddFreshValue(name + "_output_0_mask", type with { ElementType = DataType.Int64 });
        builder.Append(
            OperatorId.Onnx("MaxPool"), name, [Value], [result, indices],
            Ints("kernel_shape", kernel, kernel), Ints("strides", kernel, kernel), Ints("pads", 0, 0, 0, 0),
            Ints("dilations", 1, 1), Int("ceil_mode", 0), Int("storage_order", 0));
        return new Tensor(builder, result);
    }

    /// <summary>The mean of each plane: [batch, channels, 1, 1].</summary>
    public Tensor GlobalAveragePool() => Apply(
        "GlobalAveragePool", builder.NextName("GlobalAveragePool"),
        ModelBuilder.Batched(Shape[1], Dimension.One, Dimension.One), []);

    /// <summary>All axes behind the batch in one.</summary>
    public Tensor Flatten() => Apply(
        "Flatten", builder.NextName("Flatten"),
        ModelBuilder.Batched(Shape.Skip(1).Aggregate(Dimension.One, (product, size) => product * size)), [],
        Int("axis", 1));

    /// <summary>A fully connected layer with a bias.</summary>
    public Tensor Dense(string name, long units)
    {
        var weight = builder.Weight(name + ".weight", [units, Channels], gain: 1, isFrozen: false);
        var bias = builder.Parameter(name + ".bias", [units], new float[units]);
        return Apply(
            "Gemm", $"/{name}/Gemm", ModelBuilder.Batched(Dimension.Of(units)), [weight, bias],
            Float("alpha", 1), Float("beta", 1), Int("transA", 0), Int("transB", 1));
    }

    /// <summary>The mean cross-entropy of softmax over the second axis; a scalar.</summary>
    public Value CrossEntropy(Value labels)
    {
        var loss = builder.Graph.AddValue("loss", ModelBuilder.Fixed());
        var logProbabilities = builder.Graph.AddValue("log_prob", Value.Declared);
        builder.Append(
            OperatorId.Onnx("SoftmaxCrossEntropyLoss"), "/loss/SoftmaxCrossEntropyLoss",
            [Value, labels], [loss, logProbabilities], Text("reduction", "mean"));
        return loss;
    }

    private Tensor Apply(
        string type, string name, TensorType result, Value?[] others, params NodeAttribute[] attributes) =>
        new(builder, builder.Apply(type, name, result, [Value, .. others], attributes));
}
