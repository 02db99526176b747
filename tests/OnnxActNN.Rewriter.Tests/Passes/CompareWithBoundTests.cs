using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>
/// What the gradients of Max, Min, Abs and squares ask of a tensor takes bits or codes, as it takes ONNX Runtime's
/// gradient builder's own form of them.
/// </summary>
public sealed class CompareWithBoundTests
{
    private readonly TestGraph _graph = new();
    private readonly Value _x;
    private readonly Value _zero;
    private readonly Value _one;

    public CompareWithBoundTests()
    {
        _x = _graph.Apply("Neg", _graph.Apply("Sigmoid", _graph.Input("input", "float32[4, 8, 16, 16]")));
        _zero = _graph.Graph.AddConstant("zero", DenseTensorData.Scalar(0f));
        _one = _graph.Graph.AddConstant("one", DenseTensorData.Floats([1], [1f]));
    }

    [Theory]
    [InlineData("Max", "GreaterOrEqual", "LessOrEqual")]
    [InlineData("Min", "LessOrEqual", "GreaterOrEqual")]
    public void Equal_to_an_extremum_is_a_comparison(string op, string ofTensor, string ofBound)
    {
        foreach (var isFirst in new[] { true, false })
        {
            var test = new CompareWithBoundTests();
            var y = test._graph.Apply(op, isFirst ? [test._x, test._zero] : [test._zero, test._x]);
            var gradient = test.EndIn(y);
            test.Read(gradient, test.Cast(test._graph.Apply("Equal", test._x, y)));
            test.Read(gradient, test.Cast(test._graph.Apply("Equal", test._zero, y)));

            var result = test.Rewrite(new RewriteOptions { LosslessOnly = true });

            result.Report.Rows.Should().ContainSingle(row => row.Name == y.Name)
                .Which.Should().Match<Diagnostics.SavedTensorRow>(row => row.IsCounted && row.StoredBytes == 0);
            result.Pairs.Select(pair => pair.Store.Decision).Should().Equal(StorageDecision.Mask, StorageDecision.Mask);
            result.Pairs.Should().OnlyContain(pair => pair.Plan.Tensor.Value.Name == test._x.Name);
            var (tensor, bound) = (result.Pairs[0].Store.Bits!.Value, result.Pairs[1].Store.Bits!.Value);
            (tensor.Min, tensor.Max).Should().Be(Range(ofTensor));
            (bound.Min, bound.Max).Should().Be(Range(ofBound));
            result.Model.Graph.Nodes.Select(node => node.Name).Where(name => name.Length > 0).Should()
                .OnlyHaveUniqueItems("ONNX Runtime refuses two nodes of one name");
        }

        static (float, float) Range(string comparison) => comparison == "GreaterOrEqual"
            ? (0, float.PositiveInfinity)
            : (float.NegativeInfinity, 0);
    }

    /// <summary>
    /// The backward pass reads a bit for each operand; the forward readers of the result wait for both packs.
    /// </summary>
    [Theory]
    [InlineData("Max")]
    [InlineData("Min")]
    public void How_two_tensors_compare_is_asked_in_the_forward_pass(string op)
    {
        var other = _graph.Apply("Tanh", _graph.Input("other", "float32[4, 8, 16, 16]"));
        var y = _graph.Apply(op, _x, other);
        var gradient = EndIn(y);
        foreach (var operand in new[] { _x, other })
            Read(gradient, Mark(Cast(Mark(_graph.Apply("Equal", operand, y)))));

        var result = Rewrite(new RewriteOptions { LosslessOnly = true });

        result.Pairs.Select(pair => pair.Store.Decision).Should().Equal(
            [StorageDecision.Mask, StorageDecision.Mask],
            string.Join("; ", result.Report.Rows.Select(row => $"{row.Name} is {row.Decision} ({row.Reason})")));
        foreach (var released in new[] { _x, other, y })
        {
            result.Report.Rows.Should().ContainSingle(row => row.Name == released.Name)
                .Which.Should().Match<Diagnostics.SavedTensorRow>(row => row.IsCounted && row.StoredBytes == 0);
        }
        foreach (var pair in result.Pairs)
        {
            pair.Plan.Tensor.Value.Producer!.Operator.Type.Should().Be("Equal");
            pair.PassThrough.Producer!.Operator.Type.Should().Be("Anchor");
        }
        result.Report.Ratio.Should().BeGreaterThan(40, "two bits take the place of three tensors");
        GraphVerifier.Verify(result.Model.Graph);
        TopologicalOrder.Of(result.Model.Graph).Should().HaveCount(result.Model.Graph.Nodes.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_real_Max_of_two_tensors_keeps_two_masks(bool isLossless)
    {
        var result = TrainingGraphRewriter.Rewrite(
            ZooModels.Read("small/silu-gelu-cnn"), new RewriteOptions { LosslessOnly = isLossless });

        var masks = result.Pairs.Where(
            pair => pair.Plan.Tensor.Value.Name.StartsWith("/Max_Grad/Mask", StringComparison.Ordinal)).ToList();
        masks.Select(pair => pair.Store.Decision).Should().Equal(StorageDecision.Mask, StorageDecision.Mask);
        masks.Should().OnlyContain(pair => pair.Plan.Tensor.Value.Producer!.Operator.Type == "Equal");
        result.Report.Rows.Single(row => row.Name == "/Mul_output_0").StoredBytes.Should().Be(0);
        result.Report.Rows.Single(row => row.Name == "/Max_output_0").StoredBytes.Should().Be(0);
        GraphVerifier.Verify(result.Model.Graph);
    }

    [Fact]
    public void Tensors_that_are_needed_exactly_all_the_same_are_compared_in_the_backward_pass()
    {
        var other = _graph.Apply("Tanh", _graph.Input("other", "float32[4, 8, 16, 16]"));
        var y = _graph.Apply("Max", _x, other);
        var gradient = EndIn(y);
        foreach (var operand in new[] { _x, other, y }) Read(gradient, Mark(_graph.Apply("Log", operand)));
        Read(gradient, Mark(Cast(Mark(_graph.Apply("Equal", _x, y)))));

        Rewrite(new RewriteOptions()).Pairs.Should().BeEmpty();
    }

    [Fact]
    public void A_sign_takes_two_bits()
    {
        Read(EndIn(_graph.Apply("Abs", _x)), _graph.Apply("Sign", _x));

        var result = Rewrite(new RewriteOptions());

        var row = result.Report.Rows.Should().ContainSingle(row => row.Name == _x.Name).Subject;
        row.Decision.Should().Be(StorageDecision.Mask);
        row.Bits.Should().BeInRange(2, 2.1);
        result.Model.Graph.Nodes.Should().NotContain(node => node.Operator.Type == "Sign");
    }

    [Theory]
    [InlineData("Log", false)]
    [InlineData("Mul", true)]
    public void What_is_needed_exactly_all_the_same_keeps_its_sign(string reader, bool isLossless)
    {
        var gradient = EndIn(_graph.Apply("Abs", _x));
        Read(gradient, _graph.Apply("Sign", _x));
        Read(gradient, reader == "Log" ? _graph.Apply(reader, _x) : _x);

        var result = Rewrite(new RewriteOptions { LosslessOnly = isLossless });

        result.Pairs.Should().OnlyContain(pair => pair.Store.Decision == StorageDecision.Shape);
        result.Model.Graph.Nodes.Should().ContainSingle(node => node.Operator.Type == "Sign");
    }

    [Theory]
    [InlineData(2f, "2 bits")]
    [InlineData(3f, "8 bits")]
    public void The_gradient_of_a_square_is_linear(float exponent, string reason)
    {
        var power = _graph.Graph.AddConstant("exponent", DenseTensorData.Floats([1], [exponent]));
        Read(EndIn(_graph.Apply("Pow", _x, power)), _graph.Apply("Pow", _x, _graph.Apply("Sub", power, _one)));

        var result = Rewrite(new RewriteOptions());

        result.Report.Rows.Should().ContainSingle(row => row.Name == _x.Name)
            .Which.Reason.Should().StartWith(reason);
        result.Model.Graph.Nodes.Count(node => node.Operator.Type == "Pow").Should().Be(exponent == 2 ? 1 : 2);
    }

    [Fact]
    public void An_exponent_that_broadcasts_stays()
    {
        var scalar = _graph.Apply("ReduceMean", [_x], ("keepdims", 0L));
        var gradient = EndIn(scalar);
        _graph.Graph.AddOutput(_graph.Apply("Mul", gradient, _graph.Apply("Pow", scalar, _one)));

        Rewrite(new RewriteOptions()).Model.Graph.Nodes.Should()
            .ContainSingle(node => node.Operator.Type == "Pow");
    }

    private Value Cast(Value value) => _graph.Apply("Cast", [value], ("to", (long)DataType.Float));

    private static Value Mark(Value value)
    {
        value.Producer!.DocString = "Backward pass";
        return value;
    }

    /// <summary>Ends the forward pass in a loss of a value; gives the loss's gradient.</summary>
    private Value EndIn(Value value)
    {
        var loss = _graph.Apply("ReduceMean", [value], ("keepdims", 0L));
        _graph.Graph.AddOutput(loss);
        var seed = _graph.Graph.AddValue($"{loss.Name}_grad");
        _graph.Graph.AddInitializer(seed, DenseTensorData.Scalar(1f));
        return _graph.Apply("Expand", seed, _graph.Apply("Shape", _x));
    }

    private void Read(Value gradient, Value factor) =>
        _graph.Graph.AddOutput(_graph.Apply("Mul", gradient, factor));

    private RewriteResult Rewrite(RewriteOptions options) =>
        TrainingGraphRewriter.Rewrite(ModelWriter.Write(_graph.Model), options);
}
