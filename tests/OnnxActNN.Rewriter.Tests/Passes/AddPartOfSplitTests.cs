using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>Sums that read channels of a gradient in place of its parts.</summary>
public sealed class AddPartOfSplitTests
{
    [Theory]
    [InlineData("Split", 1L, false, true, "each part is added to something")]
    [InlineData("com.microsoft::SplitTraining", 1L, false, true, "each part is added to something")]
    [InlineData("Split", 0L, false, false, "samples are split, not channels")]
    [InlineData("Split", 1L, true, false, "a part has another reader")]
    public void Sums_add_channels(string op, long axis, bool isReadAgain, bool isDone, string because)
    {
        var graph = new TestGraph();
        var whole = graph.Input("whole", "float32[batch, 7, height]");
        var parts = graph.ApplyAll(op, 2, [whole], ("axis", axis));
        foreach (var (part, type) in parts.Zip((string[])["float32[batch, 5, height]", "float32[batch, 2, height]"]))
            part.Declared = TestGraph.Parse(type);
        var others = ((string[])["a", "b"]).Select(name => graph.Input(name, "float32[batch, channels, height]"));
        var sums = others.Zip(parts, (other, part) => graph.Apply("ai.onnxactnn::AddInPlace", other, part));
        var nodes = sums.Select(sum => sum.Producer!).ToList();
        if (isReadAgain) graph.Apply("Neg", parts[0]);

        new AddPartOfSplit(graph.Graph, new GraphItemSet<Node>(), value => value.Declared).Apply();

        graph.Graph.Nodes.Should().HaveCount(isDone ? 2 : isReadAgain ? 4 : 3, because);
        if (!isDone) return;
        nodes.Should().OnlyContain(node => node.Input(1) == whole);
        nodes.Select(node => node.Attributes.GetInt(SumAttributes.First, 0)).Should().Equal(0, 5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_part_gives_way_to_a_summand_that_ends(bool isReadAgain)
    {
        var graph = new TestGraph();
        var whole = graph.Input("whole", "float32[batch, 2, height]");
        var other = graph.Apply("Neg", graph.Input("x", "float32[batch, 2, height]"));
        var part = graph.ApplyAll("Split", 1, [whole], ("axis", 1L))[0];
        part.Declared = TestGraph.Parse("float32[batch, 2, height]");
        var sum = graph.Apply("ai.onnxactnn::AddInPlace", part, other);
        graph.Apply("Max", isReadAgain ? [sum, other] : [sum]);

        new AddPartOfSplit(graph.Graph, new GraphItemSet<Node>(), value => value.Declared).Apply();

        sum.Producer!.Inputs.Should().Equal(isReadAgain ? [part, other] : [other, whole]);
    }

    [Fact]
    public void Parts_that_are_added_to_each_other_stay()
    {
        var graph = new TestGraph();
        var parts = graph.ApplyAll("Split", 2, [graph.Input("whole", "float32[batch, 4, height]")], ("axis", 1L));
        foreach (var part in parts) part.Declared = TestGraph.Parse("float32[batch, 2, height]");
        graph.Apply("ai.onnxactnn::AddInPlace", parts);

        new AddPartOfSplit(graph.Graph, new GraphItemSet<Node>(), value => value.Declared).Apply();

        graph.Graph.Nodes.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(TargetRuntime.Training)]
    [InlineData(TargetRuntime.Stock)]
    public void In_a_DenseNet_the_first_gradient_of_each_block_alone_is_split(TargetRuntime runtime)
    {
        var options = new RewriteOptions { Runtime = runtime };

        var graph = TrainingGraphRewriter.Rewrite(ZooModels.Read("large/densenet121"), options).Model.Graph;

        graph.Nodes.Count(node => node.Operator.Type is "Split" or "SplitTraining").Should().Be(4);
        GraphVerifier.FindBreaches(graph).Should().BeEmpty();
    }
}
