using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>Masks, pooling indices and shapes in rewritten graphs.</summary>
public sealed class LosslessRewriteTests
{
    private static readonly RewriteOptions Lossless = new() { MinimumBytes = 0, LosslessOnly = true };

    public static TheoryData<string> Names => ZooModels.Names();

    [Theory]
    [MemberData(nameof(Names))]
    public void Nothing_is_quantized(string name)
    {
        var result = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Lossless);

        result.Model.Graph.Nodes.Should().NotContain(
            node => node.Operator == PackOperators.QuantizePack || node.Operator == PackOperators.UnpackDequant);
        result.Report.Rows.Should().NotContain(row => row.Decision == StorageDecision.Quantize);
    }

    /// <summary>
    /// Of a tensor that is read for its sign alone, a mask; and no backward node makes a floating-point one of it.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Masks_and_indices_are_read_by_the_gradients_themselves(string name)
    {
        var result = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Lossless);

        foreach (var pair in result.Pairs.Where(
            pair => pair.Store.Decision is StorageDecision.Mask or StorageDecision.Index))
        {
            var readers = pair.Plan.Reads.Count(read => read.Store == pair.Store && read.Form != ReadForm.Dimensions);
            readers.Should().BePositive();
            (pair.Gradients.Count + pair.Unpacks.Count).Should()
                .BeInRange(1, readers, "a formula may read a tensor twice");
            pair.Unpacks.Should().NotContain(node => node.Operator != PackOperators.MaskUnpack);
        }
        // In these graphs all bool masks but those of Where, and those of Sign, are Dropout's.
        result.Model.Graph.Nodes.Where(node => node.Operator == PackOperators.MaskUnpack)
            .SelectMany(node => node.Output(0)!.Uses)
            .Should().NotContain(use => use.Node.Operator.Type != "Where" && use.Node.Operator.Type != "Cast");
    }

    [Theory]
    [InlineData("small/dropout-mlp", "DropoutGradFromMask", 2)]
    [InlineData("small/bert-tiny-dropout", "DropoutGradFromMask", 8)]
    [InlineData("small/mobilenet-tiny", "ClipGradFromMask", 12)]
    [InlineData("small/silu-gelu-cnn", "ReluGradFromMask", 2)]
    [InlineData("small/silu-gelu-cnn", "ClipGradFromMask", 5)]
    [InlineData("small/inception-tiny", "MaxPoolIndexPack", 4)]
    [InlineData("large/resnet18", "MaxPoolIndexPack", 1)]
    [InlineData("large/googlenet", "MaxPoolIndexPack", 13)]
    [InlineData("small/groupnorm-tiny", "MaxPoolGradFromIndex", 1)]
    [InlineData("small/inception-tiny", "MaxPoolGradFromIndex", 4)]
    [InlineData("large/vgg16", "MaxPoolGradFromIndex", 5)]
    [InlineData("large/mobilenet_v2", "ClipGradFromMask", 35)]
    public void Every_formula_of_these_graphs_is_found(string name, string op, int count)
    {
        foreach (var runtime in Enum.GetValues<TargetRuntime>())
        {
            var graph = TrainingGraphRewriter.Rewrite(
                ZooModels.Read(name), Lossless with { Runtime = runtime }).Model.Graph;
            graph.Nodes.Count(node => node.Operator.Type == op).Should().Be(count, "on {0}", runtime);
        }
    }

    /// <summary>A Relu that a convolution reads too: the codes tell zeros apart, and the gradient reads them.</summary>
    [Theory]
    [InlineData("small/resnet-tiny")]
    [InlineData("small/unet-tiny")]
    public void One_zero_exact_pack_serves_values_and_sign(string name)
    {
        foreach (var runtime in Enum.GetValues<TargetRuntime>())
        {
            var options = new RewriteOptions { Runtime = runtime, Rebuild = RebuildScope.None };
            var result = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), options);
            var both = result.Pairs.Where(pair => pair.Plan.Tensor.Class == StorageClass.M
                && pair.Plan.Tensor.Consumers.Any(consumer => consumer.Class == StorageClass.Q)).ToList();

            both.Should().NotBeEmpty().And.OnlyContain(
                pair => pair.Plan.Stores.Count == 1 && pair.Plan.Format!.ZeroExact);
            both.SelectMany(pair => pair.Gradients).Should()
                .OnlyContain(node => node.Operator == PackOperators.ReluGradFromCodes);
            result.Model.Graph.Nodes.Should().NotContain(node => node.Operator.Type == "ReluGrad");
        }
    }

    /// <summary>
    /// What a backward Shape or Size reads of the forward pass is a carrier of no bytes, a tensor that its caller keeps
    /// anyway, or a small one.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void No_backward_node_keeps_an_activation_for_its_shape(string name)
    {
        foreach (var options in new[] { Lossless, new RewriteOptions { MinimumBytes = 0 } })
        {
            var result = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), options);
            var training = TrainingGraph.Analyse(result.Model);

            training.Saved.Where(tensor => tensor.Consumers.Any(consumer => consumer.Class == StorageClass.H))
                .Where(tensor => tensor.DependsOnData && !tensor.Value.IsGraphOutput && !IsCarrier(tensor.Value))
                .Select(tensor => tensor.Value.Name).Should().BeEmpty();
        }
    }

    private static bool IsCarrier(Value value) =>
        value.Producer is { } producer && PackOperators.IsOwn(producer.Operator)
        && value.OutputIndex != PackOperators.PassThroughOutput(producer.Operator);
}
