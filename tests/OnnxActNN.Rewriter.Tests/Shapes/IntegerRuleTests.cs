using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Shapes;

/// <summary>Shape arithmetic inside the graph, followed element by element.</summary>
public sealed class IntegerRuleTests
{
    private readonly TestGraph _graph = new();
    private readonly Value _shape;

    public IntegerRuleTests() => _shape = _graph.Apply("Shape", _graph.Input("x", "float32[batch, sequence, 48]"));

    [Fact]
    public void Elements_are_picked_joined_and_reshaped()
    {
        var batch = _graph.Apply("Gather", _shape, _graph.Scalar("zero", 0));
        var sequence = _graph.Apply("Slice", _shape, _graph.Constant("start", 1), _graph.Constant("end", -1));
        var joined = _graph.Apply(
            "Concat", [sequence, _graph.Constant("c", 4, 12),
            _graph.Apply("Unsqueeze", batch, _graph.Constant("axis", 0))], ("axis", 0L));
        Elements(joined).Should().Be("[sequence, 4, 12, batch] of [4]");
        Elements(_graph.Apply("Reshape", joined, _graph.Constant("s", 2, -1)))
            .Should().Be("[sequence, 4, 12, batch] of [2, 2]");
        Elements(_graph.Apply("Transpose", _graph.Apply("Reshape", joined, _graph.Constant("t", -1, 2))))
            .Should().Be("[sequence, 12, 4, batch] of [2, 2]");
        Elements(
            _graph.Apply(
                "Slice", joined, _graph.Constant("a", -1), _graph.Constant("b", -9223372036854775807),
                _graph.Constant("d", 0), _graph.Constant("e", -2)))
            .Should().Be("[batch, 4] of [2]");
        Elements(_graph.Apply("Expand", batch, _graph.Constant("two", 2))).Should().Be("[batch, batch] of [2]");
        var parts = _graph.ApplyAll("Split", 2, [joined, _graph.Constant("sizes", 1, 3)]);
        Elements(parts[1]).Should().Be("[4, 12, batch] of [3]");
    }

    [Theory]
    [InlineData("Add", "[batch + 2, sequence + 2, 50] of [3]")]
    [InlineData("Sub", "[batch - 2, sequence - 2, 46] of [3]")]
    [InlineData("Mul", "[2*batch, 2*sequence, 96] of [3]")]
    [InlineData("Div", "[floor(batch/2), floor(sequence/2), 24] of [3]")]
    [InlineData("Mod", "[batch - 2*floor(batch/2), -2*floor(sequence/2) + sequence, 0] of [3]")]
    [InlineData("Min", "[Min(2, batch), Min(2, sequence), 2] of [3]")]
    [InlineData("Max", "[Max(2, batch), Max(2, sequence), 48] of [3]")]
    [InlineData("Greater", "[?, ?, 1] of [3]")]
    [InlineData("Equal", "[?, ?, 0] of [3]")]
    public void Arithmetic(string op, string expected) =>
        Elements(_graph.Apply(op, _shape, _graph.Scalar("two", 2))).Should().Be(expected);

    [Fact]
    public void A_size_never_equals_minus_one_so_the_choice_is_known()
    {
        var minusOne = _graph.Constant("minus", -1, -1, -1);
        var isMinusOne = _graph.Apply("Equal", _shape, minusOne);
        Elements(_graph.Apply("Where", isMinusOne, _graph.Constant("ones", 1, 1, 1), _shape))
            .Should().Be("[batch, sequence, 48] of [3]");
        Elements(_graph.Apply("Not", isMinusOne)).Should().Be("[1, 1, 1] of [3]");
    }

    [Fact]
    public void Products_and_sizes()
    {
        Elements(_graph.Apply("ReduceProd", [_shape], ("keepdims", 0L))).Should().Be("[48*batch*sequence] of []");
        Elements(_graph.Apply("Size", _graph.Graph.Inputs[0])).Should().Be("[48*batch*sequence] of []");
        Elements(_graph.Apply("Cast", [_graph.Apply("Cast", [_shape], ("to", 1L))], ("to", 7L)))
            .Should().Be("[batch, sequence, 48] of [3]");
        Elements(_graph.Apply("ConstantOfShape", _graph.Constant("n", 2))).Should().Be("[0, 0] of [2]");
        Elements(_graph.Apply("Range", _graph.Scalar("from", 3), _graph.Scalar("to", 9), _graph.Scalar("by", 2)))
            .Should().Be("[3, 5, 7] of [3]");
    }

    [Fact]
    public void What_data_decides_stays_unknown_and_the_rest_does_not()
    {
        var data = _graph.Input("data", "int64[1]");
        var target = _graph.Apply("Concat", [data, _graph.Constant("c", 4)], ("axis", 0L));
        Elements(target).Should().Be("[?, 4] of [2]");
        var reshaped = _graph.Apply("Reshape", _graph.Graph.Inputs[0], target);
        ShapeInference.Infer(_graph.Model).ShapeOf(reshaped)!.ToString().Should().Be("[Reshape_d0, 4]");
    }

    [Fact]
    public void Lengths_of_joined_parts_divide_the_gradient_again()
    {
        var y = _graph.ApplyAll(
            "com.microsoft::ConcatTraining", 2,
            [_graph.Input("a", "float32[batch, 4]"), _graph.Input("b", "float32[batch, n]")], ("axis", 1L));
        var parts = _graph.ApplyAll("com.microsoft::SplitTraining", 2, [y[0], y[1]], ("axis", 1L));
        var types = ShapeInference.Infer(_graph.Model);
        parts.Select(part => types.Of(part)!.ToString()).Should().Equal("float32[batch, 4]", "float32[batch, n]");
    }

    private string? Elements(Value value) => ShapeInference.Infer(_graph.Model).IntegersOf(value)?.ToString();
}
