using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>Gradients that take less at once: masks read by normalizations, sums taken over by convolutions.</summary>
public sealed class SmallWorkingSetTests
{
    private static readonly RewriteOptions Options = new() { MinimumBytes = 0 };

    [Fact]
    public void A_normalization_s_gradient_reads_the_mask_of_the_relu_behind_it()
    {
        var result = TrainingGraphRewriter.Rewrite(ZooModels.Read("small/resnet-tiny"), Options);
        var gradients = result.Model.Graph.Nodes.Where(node => node.Operator == PackOperators.BatchNormalizationGradFromPacked).ToList();

        gradients.Where(node => node.Inputs.Count == 7).Should().HaveCount(10, "of the stem, and of each block's first convolution");
        gradients.Should().NotContain(
            node => node.Input(0)!.Producer!.Operator == PackOperators.ReluGradFromMask && node.Input(0)!.Uses.Count == 1);
        foreach (var node in gradients.Where(node => node.Inputs.Count == 7))
            result.Pairs.Single(pair => pair.Packed == node.Input(6)).Gradients.Should().Contain(node);
    }

    [Fact]
    public void A_leaky_relu_keeps_its_gradient()
    {
        var graph = new TestGraph();
        var relu = graph.Apply("ai.onnxactnn::ReluGradFromMask", [graph.Input("dY", "float32[batch, 4]"), graph.Input("mask", "uint8[n]")], ("alpha", 0.1f));
        Value?[] inputs = [relu, .. Enumerable.Range(0, 5).Select(i => graph.Input($"c{i}", "float32[4]"))];
        var node = graph.ApplyAll("ai.onnxactnn::BatchNormalizationGradFromPacked", 3, inputs)[0].Producer!;

        MaskInNormalization.Apply([PairWith(relu.Producer!)]);

        node.Inputs.Should().Equal(inputs);
    }

    [Fact]
    public void Convolutions_of_a_bottleneck_add_to_the_gradient_of_the_shortcut()
    {
        var graph = TrainingGraphRewriter.Rewrite(ZooModels.Read("large/resnet50"), Options).Model.Graph;
        var order = ExecutionOrder.Of(graph);
        var overwritten = InPlaceWrites.Find(order, value => value.Declared);
        var fused = graph.Nodes.Where(node => node.Operator.Type == "FusedConv").ToList();

        fused.Should().NotBeEmpty();
        foreach (var node in fused)
        {
            overwritten.GetValueOrDefault(node).Should().BeSameAs(node.Input(3), $"{node} writes over the other gradient");
            node.Input(1)!.Producer!.Operator.Should().Be(OperatorId.Onnx("Transpose"));
        }
    }

    [Theory]
    [InlineData(false, true, true)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    public void Only_a_product_that_nobody_else_reads_onto_a_summand_that_ends(bool isReadTwice, bool endsThere, bool isFused)
    {
        var graph = new TestGraph();
        var (x, y) = (graph.Input("x", "float32[batch, 4, 3, 3]"), graph.Input("y", "float32[batch, 4, 3, 3]"));
        var other = graph.Apply("Neg", y);
        var product = graph.Apply("Conv", [x, graph.Input("w", "float32[4, 4, 1, 1]")], ("kernel_shape", new long[] { 1, 1 }));
        var sum = graph.Apply("ai.onnxactnn::AddInPlace", product, other);
        graph.Apply("Concat", isReadTwice ? [sum, product] : endsThere ? [sum] : [sum, other]);

        SumInConvolution.Apply(graph.Graph, new HashSet<Node>()).Should().Be(isFused ? 1 : 0);

        if (!isFused) return;
        sum.Producer!.Operator.Should().Be(new OperatorId(OperatorId.Microsoft, "FusedConv"));
        sum.Producer.Inputs.Should().Equal(x, graph.Graph.Find("w"), null, other);
        sum.Producer.Attributes.GetInts("kernel_shape").Should().Equal(1, 1);
        graph.Graph.Nodes.Should().HaveCount(3);
    }

    /// <summary>A mask that this gradient reads; what else a pair holds does not matter.</summary>
    private static PackedPair PairWith(Node gradient)
    {
        var pair = new PackedPair(null!, null!, gradient, gradient.Input(1), gradient.Input(1)!, gradient.Input(0)!);
        pair.Gradients.Add(gradient);
        return pair;
    }
}
