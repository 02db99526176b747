using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.IR;

public sealed class GraphItemTests
{
    [Fact]
    public void A_nest_of_graphs_gives_each_value_and_each_node_a_number_of_its_own()
    {
        var outer = new Graph("outer");
        var inner = new Graph("inner", outer);
        var values = new[] { outer.AddValue("x"), inner.AddValue("x"), outer.AddValue("y") };
        var nodes = new[] { new Node(OperatorId.Onnx("Relu")), new Node(OperatorId.Onnx("Neg")) };
        inner.Nodes.Add(nodes[0]);
        outer.Nodes.Add(nodes[1]);

        values.Select(value => value.Number).Should().Equal(0, 1, 2);
        nodes.Select(node => node.Number).Should().Equal(0, 1);
    }

    [Fact]
    public void A_node_keeps_its_number_when_it_moves()
    {
        var graph = new Graph();
        var nodes = new[] { new Node(OperatorId.Onnx("Relu")), new Node(OperatorId.Onnx("Neg")) };
        foreach (var node in nodes) graph.Nodes.Add(node);

        graph.Nodes.MoveToEnd(nodes[0]);

        nodes.Select(node => node.Number).Should().Equal(0, 1);
    }

    [Fact]
    public void Operators_of_one_type_are_the_same_where_their_domains_are()
    {
        var relu = OperatorId.Onnx("Relu");

        (relu == new OperatorId("", "Relu")).Should().BeTrue();
        (relu == new OperatorId(OperatorId.Microsoft, "Relu")).Should().BeFalse();
        new HashSet<OperatorId> { relu }.Should().Contain(OperatorId.Onnx("Relu"))
            .And.NotContain(new OperatorId(OperatorId.Microsoft, "Relu"));
        relu.Equals(null).Should().BeFalse();
    }

    [Fact]
    public void A_set_holds_what_was_added_once()
    {
        var values = Values(200);
        var set = new GraphItemSet<Value>(values.Where((_, index) => index % 3 == 0));

        set.Add(values[0]).Should().BeFalse();
        set.Add(values[199]).Should().BeTrue("199 was left out");

        set.Count.Should().Be(68);
        values.Where(set.Contains).Should().Equal(values.Where((_, index) => index % 3 == 0 || index == 199));
        set.Contains(Values(1000)[999]).Should().BeFalse("its number lies beyond all that were added");
    }

    [Fact]
    public void A_node_without_a_graph_is_in_no_set_and_comes_into_none()
    {
        var graph = new Graph();
        for (var count = 0; count < 128; count++) graph.Nodes.Add(new Node(OperatorId.Onnx("Neg")));
        var (stray, set) = (new Node(OperatorId.Onnx("Relu")), new GraphItemSet<Node>(graph.Nodes));

        set.Contains(stray).Should().BeFalse();
        set.Invoking(nodes => nodes.Add(stray)).Should().Throw<InvalidOperationException>().WithMessage("*no graph*");
    }

    [Fact]
    public void A_map_tells_what_is_unknown_from_what_is_zero()
    {
        var values = Values(100);
        var map = new GraphItemMap<Value, int> { [values[90]] = 7, [values[3]] = 0 };

        map[values[90]] = 8;

        map.Count.Should().Be(2);
        map[values[90]].Should().Be(8);
        map.TryGetValue(values[3], out var zero).Should().BeTrue();
        zero.Should().Be(0);
        map.ContainsKey(values[4]).Should().BeFalse();
        map.GetValueOrDefault(values[4]).Should().Be(0);
        map.GetValueOrDefault(values[4], otherwise: -1).Should().Be(-1);
        map.Invoking(known => known[values[99]]).Should().Throw<KeyNotFoundException>().WithMessage("*v99*");
    }

    private static List<Value> Values(int count)
    {
        var graph = new Graph();
        return [.. Enumerable.Range(0, count).Select(index => graph.AddValue($"v{index}"))];
    }
}
