using FluentAssertions;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.IR;

/// <summary>The order is kept for as long as the graph stays as it is, and no longer.</summary>
public sealed class TopologicalOrderTests
{
    private readonly TestGraph _graph = new();
    private readonly Node _first;
    private readonly Node _second;
    private readonly Node _third;

    public TopologicalOrderTests()
    {
        var x = _graph.Input("x", "float32[4]");
        var y = _graph.Apply("Neg", x);
        var z = _graph.Apply("Abs", y);
        (_first, _second, _third) = (y.Producer!, z.Producer!, _graph.Apply("Exp", x).Producer!);
    }

    [Fact]
    public void It_is_sought_once_for_a_graph_that_stays_as_it_is()
    {
        var order = TopologicalOrder.Of(_graph.Graph);

        order.Should().Equal(_first, _second, _third);
        TopologicalOrder.Of(_graph.Graph).Should().BeSameAs(order);
    }

    [Fact]
    public void Another_input_changes_it()
    {
        _ = TopologicalOrder.Of(_graph.Graph);

        _first.SetInput(0, _third.Output(0));

        TopologicalOrder.Of(_graph.Graph).Should().Equal(_third, _first, _second);
    }

    [Fact]
    public void Another_output_changes_it()
    {
        _ = TopologicalOrder.Of(_graph.Graph);

        var read = _first.Output(0);
        _first.SetOutput(0, null);
        _third.AddOutputs(read);

        TopologicalOrder.Of(_graph.Graph).Should().Equal(_first, _third, _second);
    }

    [Fact]
    public void Nodes_that_come_go_and_move_change_it()
    {
        _ = TopologicalOrder.Of(_graph.Graph);

        _graph.Graph.Nodes.MoveToEnd(_first);
        TopologicalOrder.Of(_graph.Graph).Should().Equal(_first, _second, _third);
        _graph.Graph.Nodes.MoveBefore(_second, _third);
        TopologicalOrder.Of(_graph.Graph).Should().Equal(_third, _first, _second);
        GraphEditor.Remove(_third);
        TopologicalOrder.Of(_graph.Graph).Should().Equal(_first, _second);
        var last = _graph.Apply("Relu", _second.Output(0)).Producer!;
        TopologicalOrder.Of(_graph.Graph).Should().Equal(_first, _second, last);
    }

    [Fact]
    public void What_the_body_of_a_loop_captures_changes_it()
    {
        var body = new Graph("body", _graph.Graph);
        var made = body.AddValue("made");
        var inner = GraphEditor.Add(body, OperatorId.Onnx("Neg"), "inner", [_second.Output(0)], [made]);
        _first.Attributes.Set("body", new AttributeValue.Subgraph(body));
        var ofCycle = () => TopologicalOrder.Of(_graph.Graph);
        ofCycle.Should().Throw<UnsupportedGraphException>("the second node reads what the first one makes");

        inner.SetInput(0, _third.Output(0));

        TopologicalOrder.Of(_graph.Graph).Should().Equal(_third, _first, _second);
    }

    [Fact]
    public void A_cycle_is_found_after_an_order_was()
    {
        _ = TopologicalOrder.Of(_graph.Graph);

        _first.SetInput(0, _second.Output(0));

        var again = () => TopologicalOrder.Of(_graph.Graph);
        again.Should().Throw<UnsupportedGraphException>().WithMessage("*wait for each other*");
    }
}
