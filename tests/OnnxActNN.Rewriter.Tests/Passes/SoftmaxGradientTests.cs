using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>
/// Softmax's gradients on graphs made here: a log-softmax that losses are written with, and attention whose product
/// nobody in the backward pass reads.
/// </summary>
public sealed class SoftmaxGradientTests
{
    private readonly TestGraph _graph = new();

    [Theory]
    [InlineData("float32[4, 32, 100]", -1, CodeWidth.EightBits)]
    [InlineData("float32[4, 32, 5000]", -1, CodeWidth.FourBits)]
    [InlineData("float32[4, 5000, 32]", 1, CodeWidth.FourBits)]
    public void A_log_softmax_is_kept_as_probabilities(string type, long axis, CodeWidth width)
    {
        var result = RewriteLogSoftmax(type, axis, new RewriteOptions());

        var pair = result.Pairs.Should().ContainSingle(pair => pair.Store.Format != null).Which;
        pair.Store.IsExponential.Should().BeTrue();
        pair.Store.Format.Should().Match<PackFormat>(
            format => format.Width == width && format.Grid == CodeGrid.Squared);
        var unpack = pair.Unpacks.Should().ContainSingle().Which;
        var product = unpack.Output(0)!.Uses.Should().ContainSingle().Which.Node;
        product.Operator.Should().Be(OperatorId.Onnx("Mul"));
        product.Input(1)!.Producer!.Operator.Should().Be(OperatorId.Onnx("ReduceSum"));
        product.Output(0)!.Uses.Should().ContainSingle().Which.Should().Match<Use>(
            use => use.Input == 1 && use.Node.Operator == OperatorId.Onnx("Sub") && use.Node.Output(0)!.IsGraphOutput);
        result.Model.Graph.Nodes.Should().NotContain(node => node.Operator.Type == "LogSoftmaxGrad_13");
        GraphVerifier.Verify(result.Model.Graph);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Without_probabilities_a_log_softmax_stays_exact(bool isLossless, bool probabilityCodes)
    {
        var result = RewriteLogSoftmax(
            "float32[4, 32, 100]", -1,
            new RewriteOptions { LosslessOnly = isLossless, ProbabilityCodes = probabilityCodes });

        result.Pairs.Should().NotContain(pair => pair.Store.Format != null);
        result.Model.Graph.Nodes.Should().ContainSingle(node => node.Operator.Type == "LogSoftmaxGrad_13");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(-4)]
    [InlineData(long.MaxValue)]
    public void A_gradient_over_an_axis_that_is_not_there_stays_as_it_is(long axis)
    {
        var result = RewriteLogSoftmax("float32[4, 32, 100]", -1, new RewriteOptions(), gradientAxis: axis);

        result.Model.Graph.Nodes.Should().ContainSingle(node => node.Operator.Type == "LogSoftmaxGrad_13");
    }

    /// <summary>O has half the elements of P in the first case, and one column more in the second.</summary>
    [Theory]
    [InlineData(16, CodeWidth.FourBits)]
    [InlineData(17, CodeWidth.EightBits)]
    public void A_product_that_nobody_reads_is_kept_where_it_is_small(int length, CodeWidth width)
    {
        var scores = _graph.Apply("Neg", _graph.Input("scores", "float32[2, 4, 32, 32]"));
        var values = _graph.Apply("Neg", _graph.Input("values", $"float32[2, 4, 32, {length}]"));
        var weights = _graph.Apply("Softmax", [scores], ("axis", -1L));
        var context = _graph.Apply("MatMul", weights, values);
        var gradient = EndIn(context, 2, 4, 32, length);
        var ofWeights = _graph.Apply("com.microsoft::FusedMatMul", [gradient, values], ("transB", 1L));
        _graph.Graph.AddOutput(_graph.Apply("com.microsoft::SoftmaxGrad_13", [ofWeights, weights], ("axis", -1L)));

        var result = Rewrite(new RewriteOptions());

        result.Pairs.Should().ContainSingle(pair => pair.Plan.Tensor.Value.Name == weights.Name)
            .Which.Store.Format!.Width.Should().Be(width);
        var rows = result.Report.Rows.Where(row => row.Name == context.Name).ToList();
        if (width == CodeWidth.FourBits)
        {
            rows.Should().ContainSingle().Which.Should().Match<Diagnostics.SavedTensorRow>(
                row => !row.IsCounted && row.Decision == StorageDecision.Quantize);
        }
        else
        {
            rows.Should().BeEmpty();
        }
    }

    private RewriteResult RewriteLogSoftmax(
        string type, long axis, RewriteOptions options, long? gradientAxis = null)
    {
        var y = _graph.Apply("LogSoftmax", [_graph.Apply("Neg", _graph.Input("input", type))], ("axis", axis));
        _graph.Graph.AddOutput(
            _graph.Apply("com.microsoft::LogSoftmaxGrad_13", [EndIn(y), y], ("axis", gradientAxis ?? axis)));
        return Rewrite(options);
    }

    /// <summary>Ends the forward pass in a loss of a value; gives the value's gradient.</summary>
    private Value EndIn(Value value, params long[] shape)
    {
        var loss = _graph.Apply("ReduceMean", [value], ("keepdims", 0L));
        _graph.Graph.AddOutput(loss);
        var seed = _graph.Graph.AddValue($"{loss.Name}_grad");
        _graph.Graph.AddInitializer(seed, DenseTensorData.Scalar(1f));
        return _graph.Apply(
            "Expand", seed, shape.Length > 0 ? _graph.Constant("shape", shape) : _graph.Apply("Shape", value));
    }

    private RewriteResult Rewrite(RewriteOptions options) =>
        TrainingGraphRewriter.Rewrite(ModelWriter.Write(_graph.Model), options);
}
