using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Onnx;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Shapes;
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
        if (graph.Nodes.Any(node => node.Operator == PackOperators.BatchNormalizationInPlace)) return;
        declared.Where(value => !split.IsBackward(value.Producer!)).Should()
            .NotContain(value => HasOwnName(value.Declared!.Shape!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_dimensions_own_name_is_shared_along_one_buffer_that_nothing_waits_for(string name) =>
        RequireThatNothingWaits(name, Options);

    [Theory]
    [InlineData("large/inception_v3-native")]
    [InlineData("large/densenet121-native")]
    public void The_slices_of_a_lowered_weight_gradient_lie_in_one_buffer(string name)
    {
        var lowered = RequireThatNothingWaits(name, Options with { Runtime = TargetRuntime.Stock });
        var slices = lowered.Nodes.Where(node => node.Operator == OperatorId.Onnx("Slice"))
            .GroupBy(node => node.Input(0)!).Where(group => group.Count() == 9).ToList();
        slices.Should().NotBeEmpty();
        foreach (var places in slices)
            places.Select(node => node.Output(0)!.Declared).Distinct().Should().ContainSingle();
    }

    /// <returns>The rewritten graph.</returns>
    private static Graph RequireThatNothingWaits(string name, RewriteOptions options)
    {
        var graph = TrainingGraphRewriter.Rewrite(ZooModels.Read(name), options).Model.Graph;
        var named = TrainingGraphRewriter.Rewrite(
            ZooModels.Read(name), options with { OwnDimensionNames = false }).Model;
        var types = ShapeInference.Infer(named);
        var sizes = named.Graph.Nodes.SelectMany(node => node.Outputs).OfType<Value>()
            .ToDictionary(value => value.Name, value => (types.Of(value) ?? value.Declared)?.Shape?.Elements.Value);
        var order = ExecutionOrder.Of(graph);
        var at = ExecutionOrder.PositionsOf(graph);
        var groups = order.SelectMany(node => node.Outputs).OfType<Value>()
            .Where(value => value.Declared?.Shape is { } shape && HasOwnName(shape)).GroupBy(value => value.Declared!)
            .Select(group => group.ToList()).ToList();
        // The first of a name needs a buffer, the others have that one.
        var others = groups.SelectMany(group => group.Skip(1)).ToHashSet();
        bool NeedsBuffer(Value value) => BufferViews.SourceOf(value) is null && !others.Contains(value);
        foreach (var group in groups)
        {
            var before = new List<Value>();
            foreach (var value in group)
            {
                var made = at[value.Producer!];
                // What reads one of them is a view of it, or written over it.
                if (before.Count > 0 && !before.Intersect(value.Producer!.Inputs).Any())
                {
                    var end = before.SelectMany(other => BufferViews.ValuesIn(BufferViews.Owner(other)))
                        .SelectMany(held => held.Uses).Max(use => at[use.Node]);
                    end.Should().BeLessThan(made, "{0} takes the buffer of what was needed before", value);
                    var between = order.Take(made).Skip(end + 1).SelectMany(node => node.Outputs).OfType<Value>();
                    between.Where(other => NeedsBuffer(other) && !(sizes[other.Name] < 1 << 14)).Should().BeEmpty(
                        "the buffer that {0} takes is not held while another is made", value);
                }
                before.Add(value);
            }
        }
        return graph;
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
