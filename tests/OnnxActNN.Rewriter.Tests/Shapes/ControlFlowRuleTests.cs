using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Shapes;

/// <summary>What operators with graphs of their own give: known where every way through them agrees.</summary>
public sealed class ControlFlowRuleTests
{
    [Theory]
    [InlineData("float32[4]", "float32[4]", "float32[4]")]
    [InlineData("float32[4]", "float32[5]", "float32[?]")]
    [InlineData("float32[batch]", "float32[batch]", "float32[?]")]
    public void If(string first, string second, string expected)
    {
        var graph = new TestGraph();
        var output = graph.Apply("If", graph.Input("condition", "bool[]"));
        foreach (var (name, type) in new[] { ("then_branch", first), ("else_branch", second) })
            output.Producer!.Attributes.Set(name, new AttributeValue.Subgraph(Body(graph, type)));

        Infer(graph, output).Should().Be(expected);
    }

    [Theory]
    [InlineData("float32[4]", "float32[4]", "float32[4]", "float32[?]")]
    [InlineData("float32[1]", "float32[4]", "float32[?]", "float32[?]")]
    public void Loop(string before, string after, string carried, string collected)
    {
        var graph = new TestGraph();
        var outputs = graph.ApplyAll("Loop", 2, [null, null, graph.Input("before", before)]);
        outputs[0].Producer!.Attributes.Set(
            "body", new AttributeValue.Subgraph(Body(graph, "bool[]", after, "float32[]")));

        Infer(graph, outputs[0]).Should().Be(carried);
        Infer(graph, outputs[1]).Should().Be(collected);
    }

    /// <summary>A node that reads its own body's values reads none of them from outside.</summary>
    [Fact]
    public void What_a_body_makes_is_not_read()
    {
        var graph = new TestGraph();
        var (condition, outer) = (graph.Input("condition", "bool[]"), graph.Input("outer", "float32[]"));
        var body = new Graph("body", graph.Graph);
        var (inner, result) = (body.AddValue("inner"), body.AddValue("result"));
        GraphEditor.Add(body, OperatorId.Onnx("Neg"), "neg", [outer], [inner]);
        GraphEditor.Add(body, OperatorId.Onnx("Neg"), "back", [inner], [result]);
        body.AddOutput(result);
        var output = graph.Apply("If", condition);
        output.Producer!.Attributes.Set("then_branch", new AttributeValue.Subgraph(body));

        output.Producer.Reads.Should().Equal(condition, outer);
    }

    private static Graph Body(TestGraph graph, params string[] outputs)
    {
        var body = new Graph("body", graph.Graph);
        foreach (var (type, index) in outputs.Select((type, index) => (type, index)))
            body.AddOutput(body.AddValue($"{index}", TestGraph.Parse(type)));
        return body;
    }

    private static string Infer(TestGraph graph, Value value) => $"{ShapeInference.Infer(graph.Model).Of(value)}";
}
