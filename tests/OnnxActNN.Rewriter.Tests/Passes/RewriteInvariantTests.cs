using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>What must hold of every rewritten graph, whatever the model.</summary>
public sealed class RewriteInvariantTests
{
    private static readonly RewriteOptions Options = new() { MinimumBytes = 0 };

    public static TheoryData<string> Names => ZooModels.Names();

    [Theory]
    [MemberData(nameof(Names))]
    public void No_packed_tensor_crosses_into_the_backward_pass(string name)
    {
        var result = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Options);
        var split = SplitFinder.Find(result.Model.Graph);

        // A shape carrier may stand beside an exact tensor.
        foreach (var pair in result.Pairs.Where(pair => pair.Plan.Decision != StorageDecision.Exact))
        {
            foreach (var value in new[] { pair.Plan.Tensor.Value, pair.Pack.Output(2) }.OfType<Value>())
                value.Uses.Where(use => split.IsBackward(use.Node)).Should().BeEmpty($"{value} is packed");
        }
        result.Pairs.Should().NotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Packs_run_in_the_forward_pass_and_unpacks_before_their_readers(string name)
    {
        var result = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Options);
        var order = ExecutionOrder.Of(result.Model.Graph);
        var position = order.Select((node, index) => (node, index)).ToDictionary(pair => pair.node, pair => pair.index);
        var split = SplitFinder.Find(result.Model.Graph);
        var firstUnpack =
            result.Pairs.SelectMany(pair => pair.Unpacks.Concat(pair.Gradients)).Select(node => position[node])
            .DefaultIfEmpty(int.MaxValue).Min();
        var late = ProducersAfterTheFirstRead(name);

        result.Pairs.Where(pair => position[pair.Pack] > firstUnpack).Select(pair => pair.Plan.Tensor.Value.Name)
            .Should().BeSubsetOf(late, "a pack runs as early as its tensor is made");
        foreach (var unpack in result.Pairs.SelectMany(pair => pair.Unpacks))
        {
            var readers = unpack.Output(0)!.Uses.Select(use => position[use.Node]).ToList();
            var between = order.Skip(position[unpack] + 1).Take(readers.Min() - position[unpack] - 1);
            between.Where(
                node => !IsPartOfRestoration(node)
                && node.Inputs.Any(input => input is not null && split.IsGradient(input)))
                .Should().BeEmpty($"{unpack} should run right before its reader");
        }
    }

    /// <summary>
    /// Tensors that even the original graph makes after a backward node has read a saved one: the second branch of a
    /// loss, say.
    /// </summary>
    private static HashSet<string> ProducersAfterTheFirstRead(string name)
    {
        var training = TrainingGraph.Prepare(ZooModels.Read(name));
        var readers = training.Saved.SelectMany(tensor => tensor.Consumers).Select(consumer => consumer.Use.Node)
            .ToHashSet();
        return ExecutionOrder.Of(training.Model.Graph).SkipWhile(node => !readers.Contains(node))
            .SelectMany(node => node.Outputs).OfType<Value>().Select(value => value.Name).ToHashSet();
    }

    private static bool IsPartOfRestoration(Node node) =>
        PackOperators.ReadsPacked(node.Operator) || node.Output(0)!.Name.Contains("/rebuilt", StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_contract_of_the_file_is_kept(string name)
    {
        var before = ZooModels.Read(name);
        var after = ModelReader.Read(TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Options).ToBytes());

        Names(after.Graph.Inputs).Should().Equal(Names(before.Graph.Inputs));
        Names(after.Graph.Outputs).Should().Equal(Names(before.Graph.Outputs));
        Names(after.Graph.Initializers).Take(before.Graph.Initializers.Count).Should()
            .Equal(Names(before.Graph.Initializers));
        Types(after.Graph.Inputs).Should().Equal(Types(before.Graph.Inputs));
        Types(after.Graph.Outputs).Should().Equal(Types(before.Graph.Outputs));
        Accumulators(after).Should().Equal(Accumulators(before));

        static IEnumerable<string> Names(IEnumerable<Value> values) => values.Select(value => value.Name);
        static IEnumerable<TensorType?> Types(IEnumerable<Value> values) => values.Select(value => value.Declared);
        static IEnumerable<string> Accumulators(Model model) =>
            model.Graph.Nodes.Where(node => node.Operator.Type == "InPlaceAccumulatorV2")
                .Select(node => node.Output(0)!.Name);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_saved_tensor_has_a_decision_that_suits_its_consumers(string name)
    {
        var training = TrainingGraph.Prepare(ZooModels.Read(name));
        var plans = new StoragePolicy(Options).Decide(training.Saved);

        plans.Select(plan => plan.Tensor).Should().Equal(training.Saved);
        plans.Should().OnlyContain(plan => plan.Reason.Length > 0);
        foreach (var plan in plans.Where(plan => plan.Decision == StorageDecision.Quantize))
        {
            plan.Tensor.Value.IsGraphOutput.Should().BeFalse();
            plan.Tensor.Consumers.Should().NotContain(consumer => consumer.Class == StorageClass.E);
            foreach (var read in plan.Reads.Where(
                read => read.Decision == StorageDecision.Mask && read.Store.Format is not null))
                read.Store.Format!.ZeroExact.Should().BeTrue("a mask is read from codes that tell zeros apart");
            foreach (var read in plan.Reads.Where(
                read => read.Consumer.Need == Need.Nonlinear && read.Form != ReadForm.Direct))
                read.Store.Format!.Width.Should().Be(Format.CodeWidth.EightBits);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_tensor_of_the_backward_pass_declares_a_dimension_of_its_own(string name)
    {
        var graph = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Options).Model.Graph;
        var split = SplitFinder.Find(graph);
        var declared = graph.Nodes.SelectMany(node => node.Outputs).OfType<Value>()
            .Where(
                value => !value.IsGraphOutput && value.Declared is { Shape.Rank: > 0 } type
                && type.ElementType.IsPackableFloat())
            .ToList();

        declared.Where(value => split.IsBackward(value.Producer!)).Should()
            .OnlyContain(value => HasOwnName(value.Declared!.Shape!));
        foreach (var group in declared.Where(value => HasOwnName(value.Declared!.Shape!))
            .GroupBy(value => value.Declared!.Shape!))
        {
            group.Count(value => !value.Producer!.Inputs.Any(input => group.Contains(input)))
                .Should().Be(1, "a name is shared only with what is written over its owner");
        }
        if (graph.Nodes.Any(node => node.Operator == PackOperators.BatchNormalizationInPlace)) return;
        declared.Where(value => !split.IsBackward(value.Producer!)).Should()
            .NotContain(value => HasOwnName(value.Declared!.Shape!));
    }

    private static bool HasOwnName(Shape shape) =>
        shape.Any(dimension => dimension.ToString().StartsWith("own_", StringComparison.Ordinal));

    [Theory]
    [InlineData("small/lenet")]
    [InlineData("small/bert-tiny")]
    public void The_same_input_gives_the_same_bytes(string name)
    {
        var first = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Options).ToBytes();
        var second = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), Options).ToBytes();

        second.Should().Equal(first);
    }

    [Fact]
    public void A_rewritten_graph_is_not_rewritten_again()
    {
        var rewritten = TrainingGraphRewriter.Rewrite(ZooModels.Read("small/lenet"), Options).ToBytes();

        var again = () => TrainingGraphRewriter.Rewrite(rewritten, Options);

        again.Should().Throw<UnsupportedGraphException>().WithMessage("*rewritten already*");
    }
}
