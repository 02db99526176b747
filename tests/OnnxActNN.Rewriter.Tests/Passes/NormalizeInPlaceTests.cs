using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>Batch normalizations that are written over their input.</summary>
public sealed class NormalizeInPlaceTests
{
    private static readonly RewriteOptions Options = new() { MinimumBytes = 0 };

    [Theory]
    [InlineData("small/resnet-tiny")]
    [InlineData("small/cnn-bn")]
    [InlineData("large/resnet50")]
    [InlineData("large/mobilenet_v2")]
    public void Every_one_takes_over_the_buffer_of_its_input(string name)
    {
        var graph = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Options).Model.Graph;
        var overwritten = InPlaceWrites.Find(ExecutionOrder.Of(graph), value => value.Declared);

        graph.Nodes.Should().NotContain(node => node.Operator.Type == "BatchNormInternal");
        var normalizations =
            graph.Nodes.Where(node => node.Operator == PackOperators.BatchNormalizationInPlace).ToList();
        normalizations.Should().NotBeEmpty();
        foreach (var node in normalizations)
            overwritten.GetValueOrDefault(node).Should()
                .BeSameAs(node.Input(0), $"nobody reads the input of {node} later");
    }

    [Theory]
    [InlineData(TargetRuntime.Stock, true)]
    [InlineData(TargetRuntime.Training, false)]
    public void Not_on_the_stock_runtime_nor_with_gradient_operators_kept(TargetRuntime runtime, bool smallWorkingSet)
    {
        var options = Options with { Runtime = runtime, SmallWorkingSet = smallWorkingSet };
        var graph = TrainingGraphRewriter.Rewrite(ZooModels.Read("small/resnet-tiny"), options).Model.Graph;

        graph.Nodes.Should().NotContain(node => node.Operator == PackOperators.BatchNormalizationInPlace);
    }

    [Theory]
    [InlineData("float32", 5, true, true)]
    [InlineData("float64", 5, true, false)]
    [InlineData("float32", 3, true, false)]
    [InlineData("float32", 5, false, false)]
    public void Only_a_whole_one_of_float32_in_the_forward_pass(
        string type, int outputs, bool isForward, bool isReplaced)
    {
        var graph = new TestGraph();
        Value?[] inputs =
            [graph.Input("x", $"{type}[batch, 4, 3, 3]"),
            .. Enumerable.Range(0, 4).Select(i => graph.Input($"c{i}", $"{type}[4]"))];
        var node = graph.ApplyAll(
            "com.microsoft::BatchNormInternal", outputs, inputs, ("epsilon", 0.5f), ("training_mode", 1L),
            ("momentum", 0.25f))[0].Producer!;

        NormalizeInPlace.Apply(
            graph.Graph, new GraphItemSet<Node>(isForward ? graph.Graph.Nodes : []), value => value.Declared);

        (node.Operator == PackOperators.BatchNormalizationInPlace).Should().Be(isReplaced);
        node.Inputs.Should().Equal(inputs);
        if (isReplaced)
            node.Attributes.Select(attribute => attribute.Name).Should().BeEquivalentTo("epsilon", "momentum");
    }
}
