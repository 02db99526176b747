using FluentAssertions;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Tests.Shapes;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>Tensors that are computed again, and gradients that hold less at once.</summary>
public sealed class RebuildTests
{
    private const string Residual = "small/resnet-tiny";
    private static readonly RewriteOptions Options = new() { MinimumBytes = 0 };

    [Theory]
    [InlineData(Residual)]
    [InlineData("small/cnn-bn")]
    [InlineData("small/densenet-tiny")]
    public void A_rebuilt_tensor_keeps_its_sign_alone(string name)
    {
        var result = TrainingGraphRewriter.Rewrite(
            ZooModels.Read(name), Options with { Dimensions = new Dictionary<string, long> { ["batch"] = 8 } });

        var rebuilt = result.Report.Rows.Where(row => row.Decision == StorageDecision.Rebuild).ToList();
        rebuilt.Should().NotBeEmpty();
        rebuilt.Should().OnlyContain(row => row.Reason.StartsWith("computed again from '") || row.Reason.StartsWith("the first channels of '"));
        foreach (var row in rebuilt.Where(row => row.Consumers.Any(consumer => consumer.Class == StorageClass.M)))
            row.Bits.Should().BeInRange(1, 1.5, "a bit per element and a header");
        rebuilt.SelectMany(row => row.Consumers).Where(consumer => consumer.Decision == StorageDecision.Rebuild)
            .Should().OnlyContain(consumer => consumer.Bits == 0);
    }

    [Fact]
    public void A_chain_reaches_through_residual_sums_and_is_bounded()
    {
        Longest(Options).Should().BeGreaterThan(2);
        Longest(Options with { LongestRebuild = 2 }).Should().Be(2);
        Longest(Options with { Rebuild = RebuildScope.Affine }).Should().Be(1);
        Longest(Options with { Rebuild = RebuildScope.None }).Should().Be(0);

        static int Longest(RewriteOptions options) => Plans(options)
            .Select(plan => plan.Restoration?.Sources.Count() ?? 0).Max();
    }

    [Fact]
    public void What_others_are_computed_from_has_small_groups()
    {
        var plans = Plans(Options);
        var sources = plans.SelectMany(plan => plan.Restoration?.Sources ?? []).ToHashSet();

        plans.Where(plan => sources.Contains(plan.Tensor.Value)).Should().NotBeEmpty()
            .And.OnlyContain(plan => plan.Format!.GroupSize == Options.RebuildGroupSize);
    }

    [Fact]
    public void Readers_that_are_not_linear_get_nothing_rebuilt()
    {
        foreach (var plan in Plans(Options).Where(plan => plan.Restoration is not null))
            plan.Tensor.Consumers.Should().OnlyContain(consumer => consumer.Need != Need.Nonlinear);
    }

    [Theory]
    [InlineData(TargetRuntime.Training)]
    [InlineData(TargetRuntime.Stock)]
    public void The_gradient_of_a_normalization_reads_codes(TargetRuntime runtime)
    {
        var graph = TrainingGraphRewriter.Rewrite(ZooModels.Read(Residual), Options with { Runtime = runtime }).Model.Graph;

        graph.Nodes.Should().Contain(node => node.Operator == PackOperators.BatchNormalizationFromPacked);
        graph.Nodes.Should().Contain(node => node.Operator == PackOperators.BatchNormalizationGradFromPacked);
        graph.Nodes.Should().NotContain(node => node.Operator.Type == "BatchNormalizationGrad");
    }

    [Fact]
    public void A_split_convolution_gradient_makes_the_weight_s_gradient_first()
    {
        var graph = TrainingGraphRewriter.Rewrite(ZooModels.Read(Residual), Options).Model.Graph;
        var position = ExecutionOrder.PositionsOf(graph);
        var transposed = graph.Nodes.Where(node => node.Operator.Type == "ConvTranspose").ToList();

        transposed.Should().NotBeEmpty();
        foreach (var node in transposed)
        {
            var weights = node.Input(0)!.Uses.Select(use => use.Node).Single(reader => reader.Operator.Type == "ConvGrad");
            weights.Output(0).Should().BeNull();
            position[weights].Should().BeLessThan(position[node], "the restored input is gone when the gradient appears");
        }
    }

    [Fact]
    public void Without_a_small_working_set_gradients_stay_whole()
    {
        var graph = TrainingGraphRewriter.Rewrite(ZooModels.Read(Residual), Options with { SmallWorkingSet = false }).Model.Graph;

        graph.Nodes.Should().NotContain(node =>
            node.Operator == PackOperators.BatchNormalizationGradFromPacked || node.Operator.Type == "ConvTranspose");
        graph.Nodes.Should().Contain(node => node.Operator.Type == "BatchNormalizationGrad");
    }

    private static IReadOnlyList<TensorPlan> Plans(RewriteOptions options) =>
        new StoragePolicy(options).Decide(TrainingGraph.Prepare(ZooModels.Read(Residual)).Saved);
}
