using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>Sums that are written over a summand.</summary>
public sealed class AddInPlaceTests
{
    private const string Residual = "small/resnet-tiny";
    private static readonly RewriteOptions Options = new() { MinimumBytes = 0 };

    [Fact]
    public void The_summand_that_ends_stands_first()
    {
        var graph = new TestGraph();
        var (x, y) = (graph.Input("x", "float32[batch, 4]"), graph.Input("y", "float32[batch, 4]"));
        var (a, b) = (Declared(graph.Apply("Neg", x)), Declared(graph.Apply("Exp", y)));
        var sum = Declared(graph.Apply("Sum", a, b));
        graph.Apply("Mul", sum, a);

        Apply(graph, keepsOrder: false);

        sum.Producer!.Operator.Should().Be(PackOperators.AddInPlace);
        sum.Producer.Inputs.Should().Equal(b, a);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sum_of_many_gradients_takes_each_as_it_comes(bool keepsOrder)
    {
        var graph = new TestGraph();
        var x = graph.Input("x", "float32[batch, 4]");
        var summands = Enumerable.Range(0, 5).Select(_ => Declared(graph.Apply("Neg", x))).ToArray();
        var sum = Declared(graph.Apply("Sum", summands));
        graph.Apply("Exp", sum);
        var come = ExecutionOrder.Of(graph.Graph).SelectMany(node => node.Outputs).Intersect(summands).ToArray();

        Apply(graph, keepsOrder);

        var order = ExecutionOrder.Of(graph.Graph);
        order.Select(node => node.Operator.Type).Should().Equal(
            "Neg", "Neg", "AddInPlace", "Neg", "AddInPlace", "Neg", "AddInPlace", "Neg", "AddInPlace", "Exp");
        var additions = order.Where(node => node.Operator == PackOperators.AddInPlace).ToList();
        var expected = keepsOrder ? summands : come;
        come.Should().NotEqual(summands);
        additions.Select(node => node.Input(1))
            .Should().Equal(expected[1..], "the order of the sum is the order of rounding");
        additions[0].Input(0).Should().BeSameAs(expected[0]);
        additions[^1].Output(0).Should().BeSameAs(sum);
        var overwritten = InPlaceWrites.Find(order, value => value.Declared);
        foreach (var addition in additions) overwritten[addition].Should().BeSameAs(addition.Input(0));
    }

    [Theory]
    [InlineData("float32[batch, 4]", "float32[batch, 4]", true, false, "both summands are read later")]
    [InlineData("float32[batch, 4]", "float32[4]", false, false, "one is broadcast")]
    [InlineData("float64[batch, 4]", "float64[batch, 4]", false, false, "there is a form for float32 alone")]
    [InlineData("float32[batch, 4]", "float32[batch, 4]", false, true, "it stands in the forward pass")]
    public void Other_sums_stay(string first, string second, bool isReadLater, bool isForward, string because)
    {
        var graph = new TestGraph();
        var (x, y) = (graph.Input("x", first), graph.Input("y", second));
        var (a, b) = (Declared(graph.Apply("Neg", x), first), Declared(graph.Apply("Exp", y), second));
        var sum = Declared(graph.Apply("Add", a, b), first);
        if (isReadLater) graph.Apply("Max", sum, a, b);

        var forward = new GraphItemSet<Node>(isForward ? graph.Graph.Nodes : []);
        new AddInPlace(graph.Graph, forward, value => value.Declared, keepsOrder: false)
            .Apply(NormalizationValues.Find(graph.Graph, forward));

        sum.Producer!.Operator.Should().Be(OperatorId.Onnx("Add"), because);
    }

    [Theory]
    [InlineData(TargetRuntime.Training)]
    [InlineData(TargetRuntime.Stock)]
    public void Sums_of_a_residual_network_are_written_over_a_summand(TargetRuntime runtime)
    {
        var result = TrainingGraphRewriter.Rewrite(ZooModels.Read(Residual), Options with { Runtime = runtime });
        var graph = result.Model.Graph;
        var split = SplitFinder.Find(graph);
        var overwritten = InPlaceWrites.Find(ExecutionOrder.Of(graph), value => value.Declared);

        var sums = graph.Nodes.Where(node => node.Operator == PackOperators.AddInPlace).ToList();
        sums.Count(node => split.IsBackward(node)).Should().Be(9, "each of the nine blocks sums two gradients");
        sums.Count(node => !split.IsBackward(node)).Should().Be(runtime == TargetRuntime.Training ? 9 : 0);
        foreach (var sum in sums)
            overwritten.GetValueOrDefault(sum).Should().BeSameAs(sum.Input(0), $"{sum} has a name in common with it");
    }

    [Fact]
    public void A_reader_is_not_the_last_while_a_view_is_read_later()
    {
        var graph = new TestGraph();
        var a = graph.Apply("Neg", graph.Input("x", "float32[batch, 4]"));
        var view = graph.Apply("Identity", a);
        var first = graph.Apply("Relu", a);
        var second = graph.Apply("Max", view, first);

        var last = new LastReaders(graph.Graph);

        last.IsAt(first.Producer!, a).Should().BeFalse();
        last.IsAt(second.Producer!, view).Should().BeTrue();
    }

    [Fact]
    public void A_result_takes_over_only_what_nobody_reads_any_more()
    {
        var graph = new TestGraph();
        var x = graph.Input("x", "float32[batch, 4]");
        var a = Declared(graph.Apply("Neg", x));
        var view = Declared(graph.Apply("Identity", a));
        var first = Declared(graph.Apply("Relu", view));
        var second = Declared(graph.Apply("Relu", a));
        var third = Declared(graph.Apply("Relu", first), "float32[other, 4]");
        graph.Apply("Concat", second, third);

        var found = InPlaceWrites.Find([.. graph.Graph.Nodes], value => value.Declared);

        found.ContainsKey(first.Producer!).Should().BeFalse("the buffer of its view has a reader to come");
        found[second.Producer!].Should().BeSameAs(a);
        found.ContainsKey(third.Producer!).Should().BeFalse("the dimensions have other names");
    }

    private static void Apply(TestGraph graph, bool keepsOrder) =>
        new AddInPlace(graph.Graph, new GraphItemSet<Node>(), value => value.Declared, keepsOrder).Apply(unfused: null);

    private static Value Declared(Value value, string type = "float32[batch, 4]")
    {
        value.Declared = TestGraph.Parse(type);
        return value;
    }
}
