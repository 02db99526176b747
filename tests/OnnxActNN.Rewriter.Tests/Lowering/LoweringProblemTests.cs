using FluentAssertions;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Lowering;

/// <summary>Nodes that cannot be lowered are all named, with the reason.</summary>
public sealed class LoweringProblemTests
{
    [Fact]
    public void All_nodes_are_named_at_once()
    {
        var graph = new Graph();
        var x = Input(graph, "x", Shape.Of(2, 3));
        Add(graph, "GRUGrad", "first", [x]);
        Add(graph, "ReluGrad", "between", [x, x]);
        Add(graph, "PythonOp", "second", [x]);

        var lower = () => LoweringPass.Apply(Model(graph, 17), split: null);

        var problems = lower.Should().Throw<LoweringException>().Which.Problems;
        problems.Should().HaveCount(2);
        problems[0].Should().Contain("GRUGrad").And.Contain("'first'").And.Contain("no recipe");
        problems[1].Should().Contain("PythonOp").And.Contain("'second'");
    }

    [Fact]
    public void A_node_that_its_recipe_does_not_cover_tells_why()
    {
        var graph = new Graph();
        var dY = Input(graph, "dY", new Shape(Dimension.Named("a"), Dimension.Of(4)));
        var b = Input(graph, "b", new Shape(Dimension.Named("b"), Dimension.Of(4)));
        Add(graph, "DivGrad", "quotient", [dY, dY, b], outputs: 2);

        var lower = () => LoweringPass.Apply(Model(graph, 17), split: null);

        lower.Should().Throw<LoweringException>()
            .WithMessage("*DivGrad 'quotient'*sizes a and b cannot be told apart*");
    }

    [Fact]
    public void An_old_operator_set_is_refused()
    {
        var lower = () => LoweringPass.Apply(Model(new Graph(), 12), split: null);

        lower.Should().Throw<UnsupportedGraphException>().WithMessage("*opset 14*has 12*");
    }

    private static Value Input(Graph graph, string name, Shape shape)
    {
        var value = graph.AddValue(name, new TensorType(DataType.Float, shape));
        graph.AddInput(value);
        return value;
    }

    private static void Add(Graph graph, string type, string name, Value[] inputs, int outputs = 1)
    {
        var results = Enumerable.Range(0, outputs).Select(_ => graph.AddFreshValue(name)).ToList();
        foreach (var result in results) graph.AddOutput(result);
        GraphEditor.Add(graph, new OperatorId(OperatorId.Microsoft, type), name, inputs, results);
    }

    private static Model Model(Graph graph, long opset) => new(graph) { OpsetImports = { [""] = opset } };
}
