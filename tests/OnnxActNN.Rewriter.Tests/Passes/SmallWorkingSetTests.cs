using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>
/// Gradients that take less at once: masks read by normalizations, pointwise convolutions taken apart.
/// </summary>
public sealed class SmallWorkingSetTests
{
    private static readonly RewriteOptions Options = new() { MinimumBytes = 0 };

    [Fact]
    public void A_normalization_s_gradient_reads_the_mask_of_the_relu_behind_it()
    {
        var result = TrainingGraphRewriter.Rewrite(ZooModels.Read("small/resnet-tiny"), Options);
        var gradients = result.Model.Graph.Nodes.Where(
            node => node.Operator == PackOperators.BatchNormalizationGradFromPacked).ToList();

        gradients.Where(node => node.Inputs.Count == 7).Should()
            .HaveCount(10, "of the stem, and of each block's first convolution");
        gradients.Should().NotContain(
            node => node.Input(0)!.Producer!.Operator == PackOperators.ReluGradFromMask
            && node.Input(0)!.Uses.Count == 1);
        foreach (var node in gradients.Where(node => node.Inputs.Count == 7))
            result.Pairs.Single(pair => pair.Packed == node.Input(6)).Gradients.Should().Contain(node);
    }

    [Fact]
    public void A_leaky_relu_keeps_its_gradient()
    {
        var graph = new TestGraph();
        var relu = graph.Apply(
            "ai.onnxactnn::ReluGradFromMask", [graph.Input("dY", "float32[batch, 4]"), graph.Input("mask", "uint8[n]")],
            ("alpha", 0.1f));
        Value?[] inputs = [relu, .. Enumerable.Range(0, 5).Select(i => graph.Input($"c{i}", "float32[4]"))];
        var node = graph.ApplyAll("ai.onnxactnn::BatchNormalizationGradFromPacked", 3, inputs)[0].Producer!;

        MaskInNormalization.Apply([PairWith(relu.Producer!)]);

        node.Inputs.Should().Equal(inputs);
    }

    [Fact]
    public void The_input_s_gradient_of_a_pointwise_convolution_is_a_convolution()
    {
        var graph = TrainingGraphRewriter.Rewrite(ZooModels.Read("large/resnet50"), Options).Model.Graph;
        var transposes = graph.Nodes.Where(node => node.Operator == OperatorId.Onnx("Transpose")).ToList();

        transposes.Should().NotBeEmpty();
        foreach (var transpose in transposes)
        {
            var convolution = transpose.Output(0)!.Uses.Single().Node;
            convolution.Operator.Should().Be(OperatorId.Onnx("Conv"));
            convolution.Input(0)!.Uses.Should().Contain(
                use => use.Node.Operator.Type == "ConvGrad" && use.Node.Input(2) == transpose.Input(0)
                && use.Node.Output(0) == null);
        }
    }

    /// <summary>A mask that this gradient reads; what else a pair holds does not matter.</summary>
    private static PackedPair PairWith(Node gradient)
    {
        var pair = new PackedPair(null!, null!, gradient, gradient.Input(1), gradient.Input(1)!, gradient.Input(0)!);
        pair.Gradients.Add(gradient);
        return pair;
    }
}
