using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Analysis;

/// <summary>Formulas that masks serve are found, and what only looks like one is not.</summary>
public sealed class DirectReadTests
{
    private readonly TestGraph _graph = new();
    private readonly Value _x;
    private readonly Value _seed;

    public DirectReadTests()
    {
        // loss = ReduceSum(Mul(x, w)), and dY = Expand(seed, Shape) stands for any gradient of x's shape.
        var input = _graph.Input("input", "float32[batch, 4]");
        _x = _graph.Apply("Sigmoid", input);
        var loss = _graph.Apply("ReduceMean", [_x], ("keepdims", 0L));
        _graph.Graph.AddOutput(loss);
        _seed = _graph.Graph.AddValue($"{loss.Name}_grad");
        _graph.Graph.AddInitializer(_seed, DenseTensorData.Scalar(1f));
    }

    [Theory]
    [InlineData("GreaterOrEqual", "LessOrEqual", true)]
    [InlineData("LessOrEqual", "GreaterOrEqual", true)]
    [InlineData("Greater", "LessOrEqual", false)]
    public void Clip(string first, string second, bool isFound)
    {
        var low = _graph.Apply(first, _x, Bound(first.StartsWith('G') ? 0 : 6));
        var high = _graph.Apply(second, _x, Bound(second.StartsWith('G') ? 0 : 6));
        var cast = Cast(_graph.Apply("And", low, high));
        End(_graph.Apply("Mul", cast, Gradient()));

        var reads = Find();

        if (isFound)
        {
            reads.Distinct().Should().ContainSingle(read => read!.Operator == PackOperators.ClipGradFromMask)
                .Which!.Bits.Should().Be(new MaskBits(MaskTest.Inside, 0, 6));
        }
        else
        {
            reads.Should().NotContain(read => read != null && read.Operator == PackOperators.ClipGradFromMask);
        }
    }

    [Fact]
    public void Clip_with_one_bound()
    {
        End(_graph.Apply("Mul", Gradient(), Cast(_graph.Apply("LessOrEqual", _x, Bound(3)))));

        Find().Should().ContainSingle().Which!.Bits.Should().Be(new MaskBits(MaskTest.Inside, Max: 3));
    }

    [Fact]
    public void A_bound_that_the_caller_gives_is_none()
    {
        var bound = _graph.Input("bound", "float32[]");
        End(_graph.Apply("Mul", Gradient(), Cast(_graph.Apply("LessOrEqual", _x, bound))));

        Find().Should().NotContain(read => read != null);
    }

    [Fact]
    public void A_comparison_that_somebody_else_reads_is_a_mask()
    {
        var high = _graph.Apply("LessOrEqual", _x, Bound(3));
        End(_graph.Apply("Mul", Gradient(), Cast(high)));
        End(_graph.Apply("Mul", Gradient(), Cast(high)));

        var read = Find().Should().ContainSingle().Subject!;
        read.Operator.Should().Be(PackOperators.MaskUnpack);
        read.Bits.Should().Be(new MaskBits(MaskTest.Inside, Max: 3));
    }

    [Theory]
    [InlineData("GreaterOrEqual", 0, true)]
    [InlineData("LessOrEqual", 0, false)]
    [InlineData("Greater", 1, true)]
    [InlineData("Less", 1, false)]
    public void A_comparison_with_a_number_is_a_mask_on_either_side(string op, int next, bool isLower)
    {
        var (above, below) = (next == 0 ? 0.5f : MathF.BitIncrement(0.5f), next == 0 ? 0.5f : MathF.BitDecrement(0.5f));
        var mirrored = op.StartsWith('G') ? op.Replace("Greater", "Less") : op.Replace("Less", "Greater");
        End(_graph.Apply("Mul", Gradient(), _graph.Apply("Neg", Cast(_graph.Apply(op, _x, Bound(0.5f))))));
        End(_graph.Apply("Mul", Gradient(), _graph.Apply("Neg", Cast(_graph.Apply(mirrored, Bound(0.5f), _x)))));

        var expected = isLower ? new MaskBits(MaskTest.Inside, Min: above) : new MaskBits(MaskTest.Inside, Max: below);
        Find().Select(read => read!.Bits).Should().Equal(expected, expected);
    }

    [Theory]
    [InlineData(0f, true)]
    [InlineData(1f, false)]
    public void Relu_by_Where(float otherwise, bool isFound)
    {
        var mask = _graph.Apply("Greater", _x, Bound(0));
        var gradient = Gradient();
        End(_graph.Apply("Where", mask, gradient, Bound(otherwise)));

        var read = Find().Should().ContainSingle().Which!;

        read.Operator.Should().Be(isFound ? PackOperators.ReluGradFromMask : PackOperators.MaskUnpack);
        read.Bits.Should().Be(MaskBits.Positive);
        read.Gradient.Should().Be(gradient);
    }

    [Fact]
    public void A_broadcast_gradient_gets_a_bool_mask()
    {
        var narrow = _graph.Apply("Expand", _seed, _graph.Constant("four", 4));
        End(_graph.Apply("Where", _graph.Apply("Greater", _x, Bound(0)), narrow, Bound(0)));

        Find().Should().ContainSingle().Which!.Operator.Should().Be(PackOperators.MaskUnpack);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Dropout_in_training_mode(bool isTraining, bool isFound)
    {
        var dropout = _graph.ApplyAll("Dropout", 2, [_x]);
        _ = _graph.Apply("Identity", dropout[0]);
        var mode = _graph.Graph.AddConstant("mode", DenseTensorData.Scalar(isTraining ? 1L : 0L));
        End(_graph.Apply("com.microsoft::DropoutGrad", Gradient(), dropout[1], null, mode));

        Find(dropout[1]).Should().ContainSingle(read => (read != null) == isFound);
    }

    [Theory]
    [InlineData(0L, "NOTSET", 3L, true)]
    [InlineData(1L, "NOTSET", 3L, false)]
    [InlineData(0L, "SAME_UPPER", 3L, true)]
    [InlineData(0L, "SAME_SOMEHOW", 3L, false)]
    [InlineData(0L, "NOTSET", 17L, false)]
    public void Max_pool(long storageOrder, string autoPad, long kernel, bool isFound)
    {
        var image = _graph.Apply("Unsqueeze", _x, _graph.Constant("axes", 2, 3));
        var pool = _graph.ApplyAll(
            "MaxPool", 2, [image], ("kernel_shape", new[] { kernel, kernel }), ("storage_order", storageOrder),
            ("auto_pad", autoPad));
        End(_graph.Apply("MaxPoolGrad", Gradient(), pool[1]));

        Find(pool[1]).Should().ContainSingle(read => (read != null) == isFound);
    }

    [Theory]
    [InlineData("SAME_UPPER", "float32[batch, 4, 6, 7]", 3L, 2L, 1L, new long[] { 0, 1, 1, 1 })]
    [InlineData("SAME_LOWER", "float32[batch, 4, 6, 7]", 3L, 2L, 1L, new long[] { 1, 1, 0, 1 })]
    [InlineData("VALID", "float32[batch, 4, height, 7]", 3L, 2L, 1L, new long[] { 0, 0, 0, 0 })]
    [InlineData("NOTSET", "float32[batch, 4, height, 7]", 3L, 2L, 2L, new long[] { 2, 0, 1, 2 })]
    [InlineData("SAME_UPPER", "float32[batch, 4, height, 7]", 3L, 2L, 1L, null)]
    [InlineData("SAME_UPPER", "float32[batch, 4, 6, 7]", 3L, 2L, 2L, null)]
    [InlineData("SAME_UPPER", "float32[batch, 4, 6, 7]", 1L, 3L, 1L, null)]
    public void Padding_that_the_sizes_tell(
        string autoPad, string type, long kernel, long stride, long dilation, long[]? expected)
    {
        var pool = _graph.ApplyAll(
            "MaxPool", 2, [_graph.Input("image", type)], ("kernel_shape", new[] { kernel, kernel }),
            ("strides", new[] { stride, stride }), ("dilations", new[] { dilation, dilation }), ("auto_pad", autoPad),
            ("pads", new long[] { 2, 0, 1, 2 }));

        var window = PoolingIndices.WindowOf(pool[1], value => value.Declared);

        var found = window is null ? null : window.PadsBegin.Concat(window.PadsEnd);
        found.Should().Equal(expected?.Select(pad => (int)pad));
    }

    private Value Gradient() => _graph.Apply("Expand", _seed, _graph.Apply("Shape", _x));

    private Value Bound(float bound) => _graph.Graph.AddConstant("bound", DenseTensorData.Scalar(bound));

    private Value Cast(Value value) => _graph.Apply("Cast", [value], ("to", (long)DataType.Float));

    private void End(Value gradient) => _graph.Graph.AddOutput(gradient);

    private List<DirectRead?> Find(Value? value = null)
    {
        var split = SplitFinder.Find(_graph.Graph);
        var types = ShapeInference.Infer(_graph.Model);
        var reads = new DirectReads(split, new TriggerFinder(_graph.Graph, split), types.Of);
        var saved = value ?? _x;
        return [
            .. saved.Uses.Where(use => split.IsBackward(use.Node) && use.Node.Operator.Type != "Shape")
            .Select(use => reads.Find(saved, use))];
    }
}
