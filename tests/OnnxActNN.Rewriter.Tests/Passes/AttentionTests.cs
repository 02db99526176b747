using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>
/// Attention's gradient takes its row sum from the product wherever the product can be found: with an additive mask
/// (bert), with dropout, with a mask by Where (gpt2), with and without views behind the product, on both runtimes.
/// </summary>
public sealed class AttentionTests
{
    private static readonly RewriteOptions Options = new() { MinimumBytes = 0 };

    [Theory]
    [InlineData("small/bert-tiny", TargetRuntime.Training, 2)]
    [InlineData("small/bert-tiny", TargetRuntime.Stock, 2)]
    [InlineData("small/bert-tiny-dropout", TargetRuntime.Training, 2)]
    [InlineData("small/bert-tiny-dropout", TargetRuntime.Stock, 2)]
    [InlineData("small/gpt2-tiny", TargetRuntime.Training, 2)]
    [InlineData("small/gpt2-tiny", TargetRuntime.Stock, 2)]
    [InlineData("small/vit-tiny", TargetRuntime.Training, 3)]
    [InlineData("small/vit-tiny", TargetRuntime.Stock, 3)]
    [InlineData("large/swin_t", TargetRuntime.Training, 12)]
    [InlineData("large/t5-small", TargetRuntime.Training, 18)]
    public void Weights_have_four_bits_and_their_gradient_reads_codes(
        string name, TargetRuntime runtime, int attentions)
    {
        var result = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Options with { Runtime = runtime });

        var weights = result.Pairs.Where(pair => pair.Plan.Tensor.Value.Producer?.Operator.Type == "Softmax").ToList();
        weights.Should().HaveCount(attentions);
        foreach (var pair in weights)
        {
            pair.Store.Format.Should().Match<PackFormat>(
                format => format.Width == CodeWidth.FourBits && format.Grid == CodeGrid.Squared
                && format.Rounding == RoundingMode.Stochastic);
            pair.Gradients.Should().ContainSingle().Which.Operator.Should().Be(PackOperators.SoftmaxGradFromPacked);
        }
        var contexts = result.Pairs.Where(
            pair => pair.Plan.Tensor.Consumers.Any(consumer => consumer.Kind == ReaderKind.RowSum)).ToList();
        contexts.Should().HaveCount(attentions);
        contexts.Should()
            .AllSatisfy(pair => CodeWidths.Levels(pair.Store.Format!.Width).Should().BeGreaterThanOrEqualTo(16));
        result.Model.Graph.Nodes.Should()
            .NotContain(node => node.Operator.Type.StartsWith("SoftmaxGrad_", StringComparison.Ordinal));
        GraphVerifier.Verify(result.Model.Graph);
    }

    [Fact]
    public void Behind_dropout_the_weights_alone_are_kept()
    {
        var result = TrainingGraphRewriter.Rewrite(ZooModels.Read("small/bert-tiny-dropout"), Options);

        var dropouts = result.Model.Graph.Nodes
            .Where(
                node => node.Operator.Type == "Dropout"
                && node.Input(0)!.Producer!.Operator.Type is "Softmax" or "QuantizePack").ToList();
        dropouts.Should().NotBeEmpty();
        foreach (var dropout in dropouts.Where(node => node.Name.Contains("/self/", StringComparison.Ordinal)))
            result.Report.Rows.Should().ContainSingle(row => row.Name == dropout.Output(0)!.Name)
                .Which.Should().Match<SavedTensorRow>(
                    row => row.Decision == StorageDecision.Rebuild && row.StoredBytes == 0);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Without_these_codes_the_gradient_stays(bool isLossless, bool probabilityCodes)
    {
        var result = TrainingGraphRewriter.Rewrite(
            ZooModels.Read("small/gpt2-tiny"),
            Options with { LosslessOnly = isLossless, ProbabilityCodes = probabilityCodes });

        result.Model.Graph.Nodes.Count(node => node.Operator.Type == "SoftmaxGrad_13").Should().Be(2);
        result.Model.Graph.Nodes.Should().Contain(node => node.Operator.Type == "SoftmaxCrossEntropyLossGrad");
        var weights = result.Pairs.Where(pair => pair.Plan.Tensor.Value.Producer?.Operator.Type == "Softmax").ToList();
        weights.Should().HaveCount(isLossless ? 0 : 2);
        weights.Select(pair => pair.Store.Format!)
            .All(format => format is { Width: CodeWidth.EightBits, Grid: CodeGrid.Uniform })
            .Should().BeTrue();
    }

    /// <summary>
    /// What each change breaks: another reader's gradient in dP, another V, another perm, another axis, O that nobody
    /// saves.
    /// </summary>
    [Theory]
    [InlineData("sum")]
    [InlineData("values")]
    [InlineData("transpose")]
    [InlineData("axis")]
    [InlineData("unsaved")]
    public void What_only_looks_like_attention_keeps_eight_bits(string change)
    {
        var model = ZooModels.Read("small/bert-tiny");
        var gradient = model.Graph.Nodes.First(node => node.Operator.Type == "SoftmaxGrad_13");
        Change(model.Graph, gradient, change);

        var result = TrainingGraphRewriter.Rewrite(model, Options);

        var changed = result.Pairs.Where(
            pair => pair.Plan.Tensor.Consumers.Any(consumer => consumer.Use.Node == gradient)).ToList();
        changed.Should().ContainSingle().Which.Store.Format!.Width.Should().Be(CodeWidth.EightBits);
        result.Model.Graph.Nodes.Count(node => node.Operator == PackOperators.SoftmaxGradFromPacked).Should()
            .Be(1, "the other layer's is as it was");
    }

    [Fact]
    public void The_gradient_of_a_loss_reads_probabilities()
    {
        var result = TrainingGraphRewriter.Rewrite(ZooModels.Read("small/gpt2-tiny"), Options);

        var gradient = result.Model.Graph.Nodes.Should()
            .ContainSingle(node => node.Operator == PackOperators.SoftmaxCrossEntropyLossGradFromPacked).Which;
        gradient.Attributes.GetInts(LossAttributes.IgnoreIndex).Should().Equal(-100);
        var pack = gradient.Input(1)!.Producer!;
        pack.Operator.Should().Be(PackOperators.QuantizePack);
        pack.Input(0)!.Producer!.Operator.Should().Be(OperatorId.Onnx("Exp"));
        pack.Input(0)!.Producer!.Input(0)!.Producer!.Operator.Type.Should().Be("SoftmaxCrossEntropyLoss");
        // The backward pass begins with this gradient, so nothing has to wait for the pack.
        var loss = result.Model.Graph.Outputs.Single(output => output.Name == "loss");
        loss.Producer!.Operator.Type.Should().Be("SoftmaxCrossEntropyLoss");
        result.Report.Rows.Single(row => row.Name.EndsWith("log_prob", StringComparison.Ordinal)).Decision
            .Should().Be(StorageDecision.Quantize);
        GraphVerifier.Verify(result.Model.Graph);
    }

    private static void Change(Graph graph, Node gradient, string change)
    {
        var product = gradient.Input(0)!.Producer!;
        switch (change)
        {
            case "sum":
                Replace(graph, gradient, 0, OperatorId.Onnx("Sum"), gradient.Input(0)!, gradient.Input(0)!);
                break;
            case "values":
                Replace(graph, product, 1, OperatorId.Onnx("Neg"), product.Input(1)!);
                break;
            case "transpose":
                product.Input(0)!.Producer!.Attributes.Set("perm", new AttributeValue.Ints([2, 0, 1, 3]));
                break;
            case "axis":
                gradient.Attributes.Set("axis", 1);
                break;
            default:
                var context = product.Input(0)!.Producer!.Input(0)!.Producer!.Input(0)!.Name[..^"_grad".Length];
                var reader = graph.Find(context)!.Uses.First(
                    use => use.Node.DocString.Length > 0 && use.Node.Operator.Type != "Shape");
                reader.Node.SetInput(
                    reader.Input, graph.Nodes.First(node => node.Operator.Type == "LayerNormalization").Output(0));
                break;
        }
    }

    private static void Replace(Graph graph, Node reader, int input, OperatorId op, params Value[] inputs)
    {
        var node = GraphEditor.InsertBefore(reader, op, "changed", inputs, [graph.AddFreshValue("changed")]);
        node.DocString = reader.DocString;
        reader.SetInput(input, node.Output(0));
    }
}
