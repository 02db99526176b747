using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>Sums of gradients that run before the next tensor is restored.</summary>
public sealed class AddEarlyTests
{
    private const string Gradient = "float32[batch, 4]";

    [Fact]
    public void Sums_run_before_the_tensor_that_is_restored_next()
    {
        var graph = new TestGraph();
        var (trigger, gradients) = Gradients(graph, 3);
        var restored = Restore(graph, trigger);
        var layer = graph.Apply("Mul", trigger, restored);
        var first = Sum(graph, gradients[0], gradients[1]);
        var second = Sum(graph, first, gradients[2]);
        End(graph, layer, second);
        Executed(graph).Should().Equal("Split", "UnpackDequant", "Mul", "Exp", "AddInPlace", "AddInPlace", "Neg");

        Apply(graph);

        Executed(graph).Should().Equal("Split", "AddInPlace", "AddInPlace", "UnpackDequant", "Mul", "Exp", "Neg");
        first.Producer!.Inputs.Should().Equal(gradients[0], gradients[1], trigger);
        second.Producer!.Inputs.Should().Equal(first, gradients[2], first);
        restored.Producer!.Inputs[2].Should().BeSameAs(second);
        TopologicalOrder.Of(graph.Graph).Should().Equal(graph.Graph.Nodes, "the file stands in such an order");
    }

    [Fact]
    public void A_summand_that_is_read_again_waits()
    {
        var graph = new TestGraph();
        var (trigger, gradients) = Gradients(graph, 2);
        var view = graph.Apply("Identity", gradients[1]);
        var restored = Restore(graph, trigger);
        var layer = graph.Apply("Mul", restored, view);
        var sum = Sum(graph, gradients[0], gradients[1]);
        End(graph, layer, sum);

        Apply(graph);

        sum.Producer!.Inputs.Should().Equal(gradients);
        restored.Producer!.Inputs[2].Should().BeSameAs(trigger);
    }

    [Theory]
    [InlineData("float16[batch, 4]", false, "a sum waits for float32 alone")]
    [InlineData(Gradient, true, "it stands in the forward pass")]
    public void Other_sums_wait(string triggerType, bool isForward, string because)
    {
        var graph = new TestGraph();
        var (trigger, gradients) = Gradients(graph, 2);
        Declared(trigger, triggerType);
        var restored = Restore(graph, trigger);
        var layer = graph.Apply("Mul", trigger, restored);
        var sum = Sum(graph, gradients[0], gradients[1]);
        End(graph, layer, sum);

        var forward = new GraphItemSet<Node>(isForward ? [sum.Producer!] : []);
        new AddEarly(graph.Graph, forward, value => value.Declared).Apply();

        sum.Producer!.Inputs.Should().Equal(gradients, because);
        restored.Producer!.Inputs[2].Should().BeSameAs(trigger, because);
    }

    [Theory]
    [InlineData(TargetRuntime.Training)]
    [InlineData(TargetRuntime.Stock)]
    public void In_a_DenseNet_no_sum_that_could_run_waits_while_a_tensor_is_restored(TargetRuntime runtime)
    {
        var options = new RewriteOptions { MinimumBytes = 0, Runtime = runtime };
        var graph = TrainingGraphRewriter.Rewrite(ZooModels.Read("large/densenet121"), options).Model.Graph;
        var order = ExecutionOrder.Of(graph);
        var at = ExecutionOrder.PositionsOf(graph);
        var split = SplitFinder.Find(graph);
        var sums = order.Where(node => node.Operator == PackOperators.AddInPlace && split.IsBackward(node)).ToList();

        sums.Should().Contain(node => node.Inputs.Count == 3, "some run early");
        foreach (var restoring in order.Where(node => PackOperators.Restores(node.Operator)))
        {
            sums.Where(sum => at[sum] > at[restoring] && CouldRunAt(restoring, sum))
                .Should().BeEmpty($"{restoring} waits for them");
        }

        bool CouldRunAt(Node place, Node sum) => sum.Inputs.OfType<Value>().All(summand =>
            at[summand.Producer!] < at[place]
            && summand.Uses.All(use => use.Node == sum || at[use.Node] < at[place]));
    }

    private static void Apply(TestGraph graph) =>
        new AddEarly(graph.Graph, new GraphItemSet<Node>(), value => value.Declared).Apply();

    private static IEnumerable<string> Executed(TestGraph graph) =>
        ExecutionOrder.Of(graph.Graph).Select(node => node.Operator.Type);

    /// <summary>What one node gives: a gradient that a layer waits for, and others.</summary>
    private static (Value Trigger, Value[] Others) Gradients(TestGraph graph, int others)
    {
        var all = graph.ApplyAll("Split", others + 1, [graph.Input("x", "float32[all, 4]")]);
        foreach (var gradient in all) Declared(gradient);
        return (all[0], all[1..]);
    }

    private static Value Restore(TestGraph graph, Value trigger) => graph.Apply(
        "ai.onnxactnn::UnpackDequant",
        graph.Input("packed", "uint8[n]"), graph.Input("shape", "uint8[batch, 4, 0]"), trigger);

    /// <summary>The layer that reads a restored tensor comes first, as later nodes do.</summary>
    private static void End(TestGraph graph, Value first, Value second)
    {
        graph.Apply("Neg", second);
        graph.Apply("Exp", first);
    }

    private static Value Sum(TestGraph graph, Value left, Value right) =>
        Declared(graph.Apply("ai.onnxactnn::AddInPlace", left, right));

    private static Value Declared(Value value, string type = Gradient)
    {
        value.Declared = TestGraph.Parse(type);
        return value;
    }
}
