using FluentAssertions;
using OnnxActNN.Rewriter.IR;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.IR;

/// <summary>Use lists and producers follow every change.</summary>
public sealed class GraphEditorTests
{
    private readonly Graph _graph = new("g");
    private readonly Value _x;
    private readonly Value _y;
    private readonly Node _add;

    public GraphEditorTests()
    {
        _x = _graph.AddValue("x");
        _graph.AddInput(_x);
        _y = _graph.AddValue("y");
        _add = GraphEditor.Add(_graph, OperatorId.Onnx("Add"), "add", [_x, _x], [_y]);
    }

    [Fact]
    public void Uses_are_counted_per_input()
    {
        _x.Uses.Should().Equal(new Use(_add, 0), new Use(_add, 1));
        _y.Producer.Should().BeSameAs(_add);
        _y.OutputIndex.Should().Be(0);
    }

    [Fact]
    public void Readers_keep_their_order_when_some_leave_and_others_come()
    {
        var readers = Enumerable.Range(0, 9).Select(index => GraphEditor.Add(
            _graph, OperatorId.Onnx("Neg"), $"neg{index}", [_y], [_graph.AddValue($"n{index}")])).ToList();

        foreach (var index in new[] { 4, 0, 8 }) readers[index].SetInput(0, null);
        readers[4].SetInput(0, _y);

        int[] left = [1, 2, 3, 5, 6, 7, 4];
        _y.Uses.Should().Equal(left.Select(index => new Use(readers[index], 0)));
        _y.Uses.Any(use => use.Node == readers[8]).Should().BeFalse();
        _y.Uses.All(use => use.Input == 0).Should().BeTrue();
        _y.Uses[^1].Node.Should().BeSameAs(readers[4]);
        var beyond = () => _y.Uses[left.Length];
        beyond.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Chosen_uses_are_replaced_and_the_others_stay()
    {
        var other = _graph.AddValue("other");

        GraphEditor.ReplaceUses(_x, other, use => use.Input == 1).Should().Be(1);

        _add.Inputs.Should().Equal(_x, other);
        _x.Uses.Should().Equal(new Use(_add, 0));
        other.Uses.Should().Equal(new Use(_add, 1));
    }

    [Fact]
    public void Replacing_a_value_by_itself_keeps_its_uses()
    {
        GraphEditor.ReplaceUses(_x, _x, _ => true).Should().Be(2);

        _x.Uses.Should().BeEquivalentTo([new Use(_add, 0), new Use(_add, 1)]);
    }

    [Fact]
    public void A_removed_node_takes_its_uses_and_its_values_with_it()
    {
        GraphEditor.Remove(_add);

        _x.Uses.Should().BeEmpty();
        _graph.FindOwn("y").Should().BeNull();
        _graph.Nodes.Should().BeEmpty();
        _graph.AddValue("y").Should().NotBeSameAs(_y);
    }

    [Fact]
    public void A_graph_output_outlives_the_node_that_wrote_it()
    {
        _graph.AddOutput(_y);

        GraphEditor.Remove(_add);

        _graph.FindOwn("y").Should().BeSameAs(_y);
        _y.Producer.Should().BeNull();
        GraphEditor.Add(_graph, OperatorId.Onnx("Neg"), "neg", [_x], [_y]);
        _y.Producer!.Name.Should().Be("neg");
    }

    [Fact]
    public void A_value_has_one_writer()
    {
        var write = () => new Node(OperatorId.Onnx("Neg")).AddOutputs(_y);

        write.Should().Throw<InvalidOperationException>().WithMessage("*'y' is already written by*");
    }

    [Fact]
    public void A_value_in_use_is_not_forgotten()
    {
        var forget = () => _graph.RemoveValue(_x);

        forget.Should().Throw<InvalidOperationException>();
        _graph.FindOwn("x").Should().BeSameAs(_x);
    }

    [Fact]
    public void Inputs_left_out_keep_their_place()
    {
        var node = GraphEditor.Add(
            _graph, OperatorId.Onnx("Clip"), "clip", [_y, null, _x], [null, _graph.AddValue("z")]);

        node.Input(1).Should().BeNull();
        node.Input(7).Should().BeNull();
        node.Output(1)!.OutputIndex.Should().Be(1);
        _x.Uses.Should().Contain(new Use(node, 2));
    }

    [Fact]
    public void A_forgotten_constant_leaves_the_initializers()
    {
        var constant = _graph.AddConstant("c", DenseTensorData.Scalar(1f));

        _graph.RemoveValue(constant);

        _graph.Initializers.Should().BeEmpty();
    }
}
