using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>
/// What is computed again from one packed tensor and something small: a mask, a gate for each channel, a deviation.
/// </summary>
public sealed class SmallFactorTests
{
    private static readonly RewriteOptions Options = new() { MinimumBytes = 0 };

    private readonly TestGraph _graph = new();
    private readonly Value _x;

    public SmallFactorTests() =>
        _x = _graph.Apply("Sigmoid", _graph.Input("input", "float32[4, 8, 16, 16]"));

    [Theory]
    [InlineData("LeakyRelu", 0.2f)]
    [InlineData("Relu", 0f)]
    public void A_rectifier_takes_its_sign(string op, float alpha)
    {
        var y = alpha == 0 ? _graph.Apply(op, _x) : _graph.Apply(op, [_x], ("alpha", alpha));

        var result = Rewrite(Options, _x, y);

        Row(result, y).Should().Match<Diagnostics.SavedTensorRow>(
            row => row.Decision == StorageDecision.Rebuild && row.Bits < 1.1 && row.Reason.EndsWith("from its sign"));
        result.Model.Graph.Nodes.Should().ContainSingle(node => node.Operator == PackOperators.ReluGradFromMask)
            .Which.Attributes.GetFloat("alpha", 0).Should().Be(alpha);
        Row(Rewrite(Options with { Rebuild = RebuildScope.None }, _x, y), y).Decision
            .Should().Be(StorageDecision.Quantize);
    }

    [Fact]
    public void A_slope_that_turns_the_sign_gets_nothing_rebuilt()
    {
        var y = _graph.Apply("LeakyRelu", [_x], ("alpha", -0.5f));

        Row(Rewrite(Options, _x, y), y).Decision.Should().Be(StorageDecision.Quantize);
    }

    [Fact]
    public void A_gate_stays_exact_and_the_product_is_computed_again()
    {
        var gate = _graph.Apply("Neg", _graph.Apply("GlobalAveragePool", _x));
        var y = _graph.Apply("Mul", _x, gate);

        var result = Rewrite(Options, _x, gate, y);

        Row(result, gate).Decision.Should().Be(StorageDecision.Exact);
        Row(result, y).Should().Match<Diagnostics.SavedTensorRow>(
            row => row.Decision == StorageDecision.Rebuild && row.StoredBytes == 0);
        Row(result, _x).Decision.Should().Be(StorageDecision.Quantize);
    }

    [Fact]
    public void A_large_factor_keeps_its_codes()
    {
        var factor = _graph.Apply("Neg", _graph.Apply("ReduceMean", [_x], ("axes", new long[] { 1 })));
        var y = _graph.Apply("Mul", _x, factor);

        var result = Rewrite(Options, _x, factor, y);

        new[] { _x, factor, y }.Should().OnlyContain(
            value => Row(result, value).Decision == StorageDecision.Quantize, "an eighth is not small");
    }

    /// <summary>A normalization that is written out: its deviations divide, so they are exact in any case.</summary>
    [Fact]
    public void A_quotient_is_computed_again_with_an_exact_deviation()
    {
        var deviation = _graph.Apply("Sqrt", _graph.Apply("GlobalAveragePool", _x));
        var y = _graph.Apply("Div", _x, deviation);
        var moved = _graph.Apply("Reshape", y, _graph.Constant("shape", 4, 8, 256));

        var result = Rewrite(Options, _x, _graph.Apply("Reciprocal", deviation), moved);

        Row(result, moved).Decision.Should().Be(StorageDecision.Rebuild);
        result.Model.Graph.Nodes.Should().Contain(
            node => node.Operator.Type == "Div" && node.Input(0)!.Producer!.Operator == PackOperators.UnpackDequant);
    }

    private static Diagnostics.SavedTensorRow Row(RewriteResult result, Value value) =>
        result.Report.Rows.Single(row => row.Name == value.Name);

    /// <summary>A loss of the last value, and gradients that are products with each of them.</summary>
    private RewriteResult Rewrite(RewriteOptions options, params Value[] read)
    {
        if (_graph.Graph.Outputs.Count == 0)
        {
            var loss = _graph.Apply("ReduceMean", [read[^1]], ("keepdims", 0L));
            _graph.Graph.AddOutput(loss);
            var seed = _graph.Graph.AddValue($"{loss.Name}_grad");
            _graph.Graph.AddInitializer(seed, DenseTensorData.Scalar(1f));
            foreach (var value in read)
                _graph.Graph.AddOutput(_graph.Apply("Mul", _graph.Apply("Neg", seed), value));
        }
        return TrainingGraphRewriter.Rewrite(ModelWriter.Write(_graph.Model), options);
    }
}
