using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Analysis;

public sealed class SplitTests
{
    public static TheoryData<string> Names => ZooModels.Names();

    [Theory]
    [MemberData(nameof(Names))]
    public void The_split_without_the_marker_is_the_marked_one(string name)
    {
        var graph = ZooModels.Read(name).Graph;
        var marked = SplitFinder.Find(graph);
        foreach (var node in graph.Nodes) node.DocString = "";
        var found = SplitFinder.FindWithoutMarker(graph);

        found.Dialect.Should().Be(Dialect.OrtArtifacts);
        graph.Nodes.Where(node => marked.IsBackward(node) != found.IsBackward(node)).Should().BeEmpty();
        found.BackwardCount.Should().BeInRange(10, graph.Nodes.Count - 5);
    }

    [Fact]
    public void A_forward_model_is_refused_with_the_next_step()
    {
        var graph = new Graph("forward");
        var input = graph.AddValue("x", new TensorType(DataType.Float, Shape.Of(2, 3)));
        var loss = graph.AddValue("loss", new TensorType(DataType.Float, Shape.Scalar));
        graph.AddInput(input);
        GraphEditor.Add(graph, OperatorId.Onnx("ReduceSum"), "sum", [input], [loss]);
        graph.AddOutput(loss);

        var find = () => SplitFinder.Find(graph);

        find.Should().Throw<UnsupportedGraphException>().WithMessage("*generate_artifacts*");
    }

    /// <summary>
    /// y = x·w, loss = Σ(y·y): dw = xᵀ·2y. The transposed x waits for its gradient, so it is backward and no gradient.
    /// </summary>
    [Fact]
    public void A_step_graph_is_split_by_what_its_values_depend_on()
    {
        var graph = new Graph("step");
        var matrix = new TensorType(DataType.Float, Shape.Of(4, 4));
        Value Add(string name) => graph.AddValue(name, matrix);
        var (x, w) = (Add("x"), Add("w"));
        graph.AddInput(x);
        graph.AddInput(w);
        var (y, square, twice, transposed, gradient) = (Add("y"), Add("square"), Add("twice"), Add("xt"), Add("dw"));
        var loss = graph.AddValue("loss", new TensorType(DataType.Float, Shape.Scalar));
        Node Node(string op, Value output, params Value[] inputs) =>
            GraphEditor.Add(graph, OperatorId.Onnx(op), output.Name, inputs, [output]);
        Node("MatMul", y, x, w);
        Node("Mul", square, y, y);
        Node("ReduceSum", loss, square);
        var seed = Node("Add", twice, y, y);
        var view = Node("Transpose", transposed, x);
        var end = Node("MatMul", gradient, transposed, twice);
        graph.AddOutput(loss);
        graph.AddOutput(gradient);

        var split = SplitFinder.Find(graph);

        split.Dialect.Should().Be(Dialect.StepGraph);
        graph.Nodes.Where(split.IsBackward).Should().Equal(seed, view, end);
        split.IsGradient(twice).Should().BeTrue();
        split.IsGradient(transposed).Should().BeFalse();
        split.IsGradient(gradient).Should().BeTrue();
    }
}
