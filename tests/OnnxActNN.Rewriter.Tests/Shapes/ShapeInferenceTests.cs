using FluentAssertions;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Shapes;

/// <summary>The walk, the fallback to declared types, and graphs made to break it.</summary>
public sealed class ShapeInferenceTests
{
    private readonly TestGraph _graph = new();

    [Fact]
    public void Sizes_and_bytes_follow_the_bindings()
    {
        var y = _graph.Apply("Relu", _graph.Input("x", "float32[batch, 64, 112, 112]"));
        var types = ShapeInference.Infer(_graph.Model, new Dictionary<string, long> { ["batch"] = 8 });
        types.ShapeOf(y)!.Elements.ToString().Should().Be("802816*batch");
        types.SizesOf(y).Should().Equal(8, 64, 112, 112);
        types.BytesOf(y).Should().Be(8L * 802816 * 4);
        types.With(new Dictionary<string, long>()).BytesOf(y).Should().BeNull();
    }

    [Fact]
    public void Nodes_may_stand_in_any_order()
    {
        var y = _graph.Apply("Relu", _graph.Input("x", "float32[batch]"));
        var z = _graph.Apply("Neg", y);
        _graph.Graph.Nodes.MoveBefore(y.Producer!, z.Producer!);
        ShapeInference.Infer(_graph.Model).Of(z)!.ToString().Should().Be("float32[batch]");
    }

    [Fact]
    public void Unknown_operators_and_local_functions_take_the_declared_type()
    {
        var x = _graph.Input("x", "float32[batch]");
        var y = _graph.Apply("my.domain::Thing", x);
        y.Declared = TestGraph.Parse("float16[own_name, 3]");
        var function = _graph.Apply("Relu", x);
        var model = new Model(_graph.Graph) { Functions = new HashSet<OperatorId> { OperatorId.Onnx("Relu") } };
        var types = ShapeInference.Infer(model);
        types.Of(y)!.ToString().Should().Be("float16[own_name, 3]");
        types.Of(function).Should().BeNull();
    }

    [Fact]
    public void Declared_types_fill_gaps_only_and_stay_as_they_are()
    {
        var y = _graph.Apply("Relu", _graph.Input("x", "float32[batch, 4]"));
        var z = _graph.Apply("NonZero", y);
        y.Declared = TestGraph.Parse("float32[y_d0, y_d1]");
        z.Declared = TestGraph.Parse("int64[other, 12]");
        var types = ShapeInference.Infer(_graph.Model);
        types.Of(y)!.ToString().Should().Be("float32[batch, 4]");
        types.Of(z)!.ToString().Should().Be("int64[2, 12]");
        y.Declared.ToString().Should().Be("float32[y_d0, y_d1]");
    }

    [Fact]
    public void A_cycle_is_an_error()
    {
        var y = _graph.Apply("Relu", _graph.Input("x", "float32[batch]"));
        y.Producer!.SetInput(0, _graph.Apply("Neg", y));
        var infer = () => ShapeInference.Infer(_graph.Model);
        infer.Should().Throw<UnsupportedGraphException>();
    }

    [Theory]
    [InlineData("Add", "float32[2]; float32[3]")]
    [InlineData("MatMul", "float32[2, 3]; float32[4, 5]")]
    [InlineData("MatMul", "float32[]; float32[4, 5]")]
    [InlineData("Gather", "float32[]; int64[2]")]
    [InlineData("Reshape", "float32[6]; {4, 2}")]
    [InlineData("Reshape", "float32[6]; {-1, -1}")]
    [InlineData("Reshape", "float32[6]; {-7}")]
    [InlineData("Reshape", "float32[6]; {2, 3, 0}")]
    [InlineData("Squeeze", "float32[2, 3]; {0}")]
    [InlineData("Squeeze", "float32[2, 3]; {5}")]
    [InlineData("Unsqueeze", "float32[2]; {0, 0}")]
    [InlineData("Concat", "float32[2]; float32[2, 3]")]
    [InlineData("Slice", "float32[9]; {0}; {1}; {0}; {0}")]
    [InlineData("Slice", "float32[9]; {0, 1}; {1}")]
    [InlineData("Conv", "float32[1, 2, 5]; float32[4, 2, 3, 3]")]
    [InlineData("MaxPool", "float32[1, 2, 5]")]
    [InlineData("Pad", "float32[1, 2]; {1, 2, 3}")]
    [InlineData("ConstantOfShape", "{-1}")]
    public void A_contradiction_names_its_node(string op, string inputs)
    {
        var infer = () => RuleCheck.Infer(op, inputs);
        infer.Should().Throw<ShapeInferenceException>().WithMessage($"{op} '{op}': *");
    }

    [Theory]
    [InlineData("Flatten", "axis", "text")]
    [InlineData("Transpose", "perm", 3L)]
    [InlineData("Transpose", "perm", new[] { 0L, 0 })]
    [InlineData("ReduceMean", "axes", new[] { 9L })]
    [InlineData("ReduceMean", "axes", new[] { long.MinValue })]
    [InlineData("MaxPool", "kernel_shape", new[] { 3L })]
    [InlineData("DepthToSpace", "blocksize", 0L)]
    public void An_attribute_of_the_wrong_kind_or_range_names_its_node(string op, string attribute, object value)
    {
        var infer = () => RuleCheck.Infer(op, "float32[1, 2, 4, 4]", [(attribute, value)]);
        infer.Should().Throw<ShapeInferenceException>().WithMessage($"{op} '{op}': *");
    }

    [Theory]
    [InlineData("MaxPool", "kernel_shape", new[] { long.MaxValue, long.MaxValue })]
    [InlineData("MaxPool", "kernel_shape", new[] { -5L, 0 })]
    [InlineData("DepthToSpace", "blocksize", long.MaxValue)]
    [InlineData("Shape", "start", long.MinValue)]
    [InlineData("Cast", "to", 12345L)]
    public void Absurd_numbers_do_no_harm(string op, string attribute, object value)
    {
        (string, object)[] attributes = op == "MaxPool"
            ? [(attribute, value), ("ceil_mode", 1L)]
            : [(attribute, value)];
        RuleCheck.Infer(op, "float32[1, 2, 4, 4]", attributes).Should().NotBeNull();
    }

    [Fact]
    public void A_rank_that_makes_no_sense_is_not_made_up() =>
        RuleCheck.Infer("ConstantOfShape", "int64[1000000000000]").Should().Be("float32[?]");

    [Fact]
    public void Sizes_that_multiply_without_end_are_given_up()
    {
        var size = _graph.Apply(
            "Add", _graph.Apply("Shape", _graph.Input("x", "float32[a]")),
            _graph.Apply("Shape", _graph.Input("y", "float32[b]")));
        for (var round = 0; round < 200; round++) size = _graph.Apply("Mul", size, size);
        var made = _graph.Apply("ConstantOfShape", size);
        ShapeInference.Infer(_graph.Model).Of(made)!.ToString().Should().Be("float32[ConstantOfShape_d0]");
    }

    [Fact]
    public void A_long_chain_needs_no_deep_stack()
    {
        var value = _graph.Input("x", "float32[batch]");
        for (var length = 0; length < 50_000; length++)
        {
            var node = new Node(OperatorId.Onnx("Relu"));
            node.AddInputs(value);
            node.AddOutputs(value = _graph.Graph.AddValue($"y{length}"));
            _graph.Graph.Nodes.Add(node);
        }
        ShapeInference.Infer(_graph.Model).Of(value)!.ToString().Should().Be("float32[batch]");
    }
}
