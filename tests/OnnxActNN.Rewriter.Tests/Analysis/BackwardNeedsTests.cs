using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.TestModels;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Analysis;

public sealed class BackwardNeedsTests
{
    [Theory]
    [InlineData("Greater", 0, 0f, "Sign")]
    [InlineData("Greater", 1, 0f, "Exact")]
    [InlineData("Greater", 0, 0.5f, "Exact")]
    [InlineData("GreaterOrEqual", 0, 0f, "Exact")]
    [InlineData("Less", 1, 0f, "Sign")]
    [InlineData("Less", 0, 0f, "Exact")]
    public void A_comparison_with_zero_asks_for_the_sign(string comparison, int input, float bound, string need)
    {
        var graph = TestModelCatalog.Find("step-mlp").Build().Graph;
        var split = SplitFinder.Find(graph);
        var node = graph.Nodes.First(candidate => candidate.Operator.Type == "Greater");
        var activation = node.Input(0);
        node.Operator = OperatorId.Onnx(comparison);
        node.SetInput(1 - input, graph.AddConstant("bound", DenseTensorData.Scalar(bound)));
        node.SetInput(input, activation);

        new BackwardNeeds(graph, split).Of(new Use(node, input)).ToString().Should().Be(need);
    }

    [Fact]
    public void A_bound_that_the_caller_may_change_is_no_zero()
    {
        var graph = TestModelCatalog.Find("step-mlp").Build().Graph;
        var split = SplitFinder.Find(graph);
        var node = graph.Nodes.First(candidate => candidate.Operator.Type == "Greater");
        graph.AddInput(node.Input(1)!);

        new BackwardNeeds(graph, split).Of(new Use(node, 0)).Should().Be(Need.Exact);
    }

    [Fact]
    public void Every_Relu_of_a_step_graph_is_packed_with_its_mask()
    {
        var result = TrainingGraphRewriter.Rewrite(TestModelCatalog.Find("step-deep").Build(), new RewriteOptions());

        var relus = result.Model.Graph.Nodes.Where(node => node.Operator.Type == "Relu").Select(node => node.Output(0)!)
            .ToList();
        relus.Should().HaveCountGreaterThan(30);
        relus.SkipLast(1).Should().OnlyContain(output => output.Uses.Single().Node.Operator.Type == "QuantizePack");
        result.Model.Graph.Nodes.Should().NotContain(node => node.Operator.Type == "Greater")
            .And.Contain(node => node.Operator == PackOperators.ReluGradFromCodes);
    }
}
