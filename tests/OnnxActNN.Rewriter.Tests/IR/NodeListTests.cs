using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.IR;

public sealed class NodeListTests
{
    private readonly Graph _graph = new("g");

    [Fact]
    public void Nodes_stand_where_they_were_put()
    {
        var (a, b, c) = (New("a"), New("b"), New("c"));
        _graph.Nodes.Add(b);
        _graph.Nodes.InsertBefore(b, a);
        _graph.Nodes.InsertAfter(b, c);

        Names().Should().Be("abc");
        _graph.Nodes.Count.Should().Be(3);
        _graph.Nodes.First.Should().BeSameAs(a);
        _graph.Nodes.Last.Should().BeSameAs(c);
        Backwards().Should().Be("cba");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Places_grow_along_the_list_wherever_nodes_are_inserted(bool atFirst)
    {
        Fill("abc");
        var (a, b) = (_graph.Nodes.First!, _graph.Nodes.First!.Next!);

        for (var count = 0; count < 200; count++)
        {
            if (atFirst) _graph.Nodes.InsertBefore(a, New("x"));
            else _graph.Nodes.InsertAfter(b, New("x"));
        }
        _graph.Nodes.MoveToEnd(b);

        _graph.Nodes.Select(node => node.Place).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    [Fact]
    public void A_node_inserted_after_the_current_one_is_visited() =>
        Walk("abc", node => { if (node.Name == "a") _graph.Nodes.InsertAfter(node, New("x")); }).Should().Be("axbc");

    [Fact]
    public void A_node_inserted_before_the_current_one_is_not_visited() =>
        Walk("abc", node => { if (node.Name == "b") _graph.Nodes.InsertBefore(node, New("x")); }).Should().Be("abc");

    [Fact]
    public void A_node_added_at_the_end_is_visited() =>
        Walk("abc", node => { if (node.Name == "c") _graph.Nodes.Add(New("x")); }).Should().Be("abcx");

    [Fact]
    public void Removing_the_current_node_goes_on_with_the_next() =>
        Walk("abc", _graph.Nodes.Remove).Should().Be("abc");

    [Fact]
    public void A_node_removed_before_its_turn_is_not_visited() =>
        Walk("abcd", node => { if (node.Name == "a") Remove("bc"); }).Should().Be("ad");

    [Fact]
    public void Removing_the_current_node_and_those_after_it_goes_on_behind_them() =>
        Walk("abcd", node => { if (node.Name == "a") Remove("abc"); }).Should().Be("ad");

    [Fact]
    public void Removing_those_after_and_then_the_current_node_goes_on_behind_them() =>
        Walk("abcd", node => { if (node.Name == "a") Remove("cba"); }).Should().Be("ad");

    [Fact]
    public void A_removed_node_can_be_added_again()
    {
        Fill("ab");
        var a = _graph.Nodes.First!;

        _graph.Nodes.Remove(a);
        a.Graph.Should().BeNull();
        _graph.Nodes.Add(a);

        Names().Should().Be("ba");
        Backwards().Should().Be("ab");
    }

    [Theory]
    [InlineData("a", "c", "bac")]
    [InlineData("c", "a", "cab")]
    [InlineData("a", "b", "abc")]
    [InlineData("b", "b", "abc")]
    public void A_node_moves_before_another(string moved, string place, string expected)
    {
        Fill("abc");

        _graph.Nodes.MoveBefore(Find(place), Find(moved));

        Names().Should().Be(expected);
        Backwards().Should().Be(string.Concat(expected.Reverse()));
        _graph.Nodes.Count.Should().Be(3);
    }

    [Fact]
    public void Nodes_of_other_graphs_are_refused_and_nothing_changes()
    {
        Fill("ab");
        var stranger = New("x");
        new Graph("other").Nodes.Add(stranger);

        var attempts = new Action[]
        {
            () => _graph.Nodes.Add(stranger), () => _graph.Nodes.Add(Find("a")), () => _graph.Nodes.Remove(stranger),
            () => _graph.Nodes.InsertAfter(stranger, New("y")), () => _graph.Nodes.MoveBefore(stranger, Find("a")),
        };

        foreach (var attempt in attempts) attempt.Should().Throw<InvalidOperationException>();
        Names().Should().Be("ab");
    }

    [Fact]
    public void A_node_that_is_read_cannot_be_removed()
    {
        Fill("ab");
        var value = _graph.AddValue("v");
        Find("a").AddOutputs(value);
        Find("b").AddInputs(value);

        var remove = () => _graph.Nodes.Remove(Find("a"));

        remove.Should().Throw<InvalidOperationException>().WithMessage("*'b' input 0*'v'*");
        Names().Should().Be("ab");
    }

    private static Node New(string name) => new(OperatorId.Onnx("Op"), name);

    private Node Find(string name) => _graph.Nodes.Single(node => node.Name == name);

    private void Fill(string names)
    {
        foreach (var name in names) _graph.Nodes.Add(New(name.ToString()));
    }

    private void Remove(string names)
    {
        foreach (var node in names.Select(name => Find(name.ToString())).ToList()) _graph.Nodes.Remove(node);
    }

    private string Walk(string names, Action<Node> visit)
    {
        Fill(names);
        var visited = "";
        foreach (var node in _graph.Nodes)
        {
            visited += node.Name;
            visit(node);
        }
        return visited;
    }

    private string Names() => string.Concat(_graph.Nodes.Select(node => node.Name));

    private string Backwards()
    {
        var names = "";
        for (var node = _graph.Nodes.Last; node is not null; node = node.Previous) names += node.Name;
        return names;
    }
}
