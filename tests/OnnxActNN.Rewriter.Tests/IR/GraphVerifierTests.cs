using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.IR;

/// <summary>Legal graphs pass; each kind of damage is named.</summary>
public sealed class GraphVerifierTests
{
    private readonly TestGraph _graph = new();

    public static TheoryData<string> Names => ZooModels.Names();

    [Theory]
    [MemberData(nameof(Names))]
    public void Real_graphs_are_legal(string name) =>
        GraphVerifier.FindBreaches(ZooModels.Read(name).Graph).Should().BeEmpty();

    [Fact]
    public void A_reader_of_a_value_that_lost_its_node_is_named()
    {
        var x = _graph.Input("x", "float32[2]");
        var y = _graph.Apply("Relu", x);
        var z = _graph.Apply("Neg", y);
        _graph.Graph.AddOutput(z);
        y.Producer!.SetOutput(0, null);
        GraphVerifier.FindBreaches(_graph.Graph)
            .Should().ContainSingle().Which.Should().Contain("Neg").And.Contain("nothing writes");
    }

    [Fact]
    public void A_cycle_is_named()
    {
        var x = _graph.Input("x", "float32[2]");
        var y = _graph.Apply("Relu", x);
        var z = _graph.Apply("Neg", y);
        y.Producer!.SetInput(0, z);
        GraphVerifier.FindBreaches(_graph.Graph).Should().ContainSingle().Which.Should().Contain("cycle");
    }

    [Fact]
    public void A_graph_output_that_nothing_writes_is_named()
    {
        _graph.Graph.AddOutput(_graph.Graph.AddValue("lost"));
        GraphVerifier.FindBreaches(_graph.Graph).Should().ContainSingle().Which.Should().Contain("'lost'");
    }

    [Fact]
    public void A_value_of_another_graph_is_named()
    {
        var foreign = new TestGraph().Input("foreign", "float32[2]");
        _graph.Apply("Relu", foreign);
        GraphVerifier.FindBreaches(_graph.Graph).Should().Contain(breach => breach.Contains("not in this graph"));
    }

    [Fact]
    public void A_node_that_writes_a_graph_input_is_named()
    {
        var x = _graph.Input("x", "float32[2]");
        var node = _graph.Apply("Relu", x).Producer!;
        node.AddOutputs(x);
        GraphVerifier.FindBreaches(_graph.Graph).Should().Contain(breach => breach.Contains("has a value already"));
    }

    [Fact]
    public void A_reader_that_left_the_graph_with_its_inputs_is_named()
    {
        var x = _graph.Input("x", "float32[2]");
        new Node(OperatorId.Onnx("Relu"), "stray").AddInputs(x);
        GraphVerifier.FindBreaches(_graph.Graph)
            .Should().ContainSingle().Which.Should().Contain("stray").And.Contain("in no graph");
    }

    [Fact]
    public void Verify_throws_with_all_breaches()
    {
        _graph.Graph.AddOutput(_graph.Graph.AddValue("lost"));
        _graph.Graph.AddOutput(_graph.Graph.AddValue("gone"));
        var verify = () => GraphVerifier.Verify(_graph.Graph);
        verify.Should().Throw<GraphVerificationException>().Which.Breaches.Should().HaveCount(2);
    }
}
