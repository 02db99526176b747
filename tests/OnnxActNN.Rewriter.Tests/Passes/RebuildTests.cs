using FluentAssertions;
using OnnxActNN.Format;
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
        rebuilt.Should().OnlyContain(
            row => row.Reason.StartsWith("computed again from '") || row.Reason.StartsWith("the first channels of '"));
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
            .Select(plan => plan.Restoration?.Sources.Count ?? 0).Max();
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
        var graph = TrainingGraphRewriter.Rewrite(
            ZooModels.Read(Residual), Options with { Runtime = runtime }).Model.Graph;

        graph.Nodes.Should().Contain(node => node.Operator == PackOperators.BatchNormalizationFromPacked);
        graph.Nodes.Should().Contain(node => node.Operator == PackOperators.BatchNormalizationGradFromPacked);
        graph.Nodes.Should().NotContain(node => node.Operator.Type == "BatchNormalizationGrad");
    }

    [Theory]
    [InlineData(TargetRuntime.Training)]
    [InlineData(TargetRuntime.Stock)]
    public void One_code_serves_input_and_output_of_a_layer_normalization(TargetRuntime runtime)
    {
        var result = TrainingGraphRewriter.Rewrite(
            ZooModels.Read("small/vit-tiny"), Options with { Runtime = runtime });
        var nodes = result.Model.Graph.Nodes;

        nodes.Where(node => node.Operator == PackOperators.LayerNormalizationGradFromPacked).Should().HaveCount(7);
        nodes.Should().NotContain(node => node.Operator.Type == "LayerNormalizationGrad");
        var again = nodes.Where(node => node.Operator == PackOperators.LayerNormalizationFromPacked).ToList();
        again.Should().HaveCount(6, "the last one is read in one row alone");
        again.Should().OnlyContain(node => nodes.Any(gradient =>
            gradient.Operator == PackOperators.LayerNormalizationGradFromPacked && gradient.Input(1) == node.Input(0)));
    }

    [Fact]
    public void A_concatenation_stands_for_what_it_begins_with()
    {
        var (direct, restored) =
            (Rewrite("small/densenet-tiny", Options),
            Rewrite("small/densenet-tiny", Options with { SmallWorkingSet = false }));

        var beginnings = direct.Report.Rows.Where(row => row.Reason.StartsWith("the first channels of '")).ToList();
        beginnings.Should().HaveCount(3).And.OnlyContain(row => row.Decision == StorageDecision.Rebuild);
        var added = restored.Model.Graph.Nodes.Count(node => node.Operator.Type == "Slice")
            - direct.Model.Graph.Nodes.Count(node => node.Operator.Type == "Slice");
        added.Should().Be(beginnings.Count, "a gradient that reads codes needs no slice of them");
    }

    [Fact]
    public void Clip_is_rebuilt_from_its_bounds_and_the_mask_of_its_gradient()
    {
        var result = Rewrite("small/mobilenet-tiny", Options);

        var clips = result.Model.Graph.Nodes.Where(node => node.Operator == PackOperators.BatchNormalizationFromPacked
            && node.Attributes.GetFloat(MaskAttributes.Max, 0) == 6).ToList();
        clips.Should().NotBeEmpty().And.OnlyContain(node => node.Attributes.GetFloat(MaskAttributes.Min, -1) == 0);
        var gradients = result.Model.Graph.Nodes.Where(node => node.Operator == PackOperators.ClipGradFromMask)
            .Select(node => node.Input(1));
        clips.Select(clip => clip.Input(7)).Should().BeSubsetOf(gradients);
    }

    [Fact]
    public void A_layer_normalization_s_input_is_rebuilt_by_products_alone_and_is_not_fused_then()
    {
        string[] Rebuilt(RebuildScope scope) => [.. Plans(Options with { Rebuild = scope }, "small/gpt2-tiny")
            .Where(plan => plan.Restoration is not null && plan.Tensor.Need == Need.Normalization)
                .Select(plan => plan.Tensor.Value.Name)];

        Rebuilt(RebuildScope.Chain).Should().BeEmpty();
        var names = Rebuilt(RebuildScope.Product);
        names.Should().NotBeEmpty();
        Rewrite("small/gpt2-tiny", Options with { Rebuild = RebuildScope.Product }).Model.Graph.Nodes
            .Where(node => node.Operator.Type == "LayerNormalization").Should().OnlyContain(
                node => PackOperators.IsOwn(node.Input(0)!.Producer!.Operator), "a sum right before it would be fused");
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
            var weights = node.Input(0)!.Uses.Select(use => use.Node)
                .Single(reader => reader.Operator.Type == "ConvGrad");
            weights.Output(0).Should().BeNull();
            position[weights].Should()
                .BeLessThan(position[node], "the restored input is gone when the gradient appears");
        }
    }

    [Fact]
    public void Without_a_small_working_set_gradients_stay_whole()
    {
        var graph = TrainingGraphRewriter.Rewrite(
            ZooModels.Read(Residual), Options with { SmallWorkingSet = false }).Model.Graph;

        graph.Nodes.Should().NotContain(node =>
            node.Operator == PackOperators.BatchNormalizationGradFromPacked || node.Operator.Type == "ConvTranspose");
        graph.Nodes.Should().Contain(node => node.Operator.Type == "BatchNormalizationGrad");
    }

    private static RewriteResult Rewrite(string name, RewriteOptions options) =>
        TrainingGraphRewriter.Rewrite(ZooModels.Read(name), options);

    private static IReadOnlyList<TensorPlan> Plans(RewriteOptions options, string name = Residual) =>
        new StoragePolicy(options).Decide(TrainingGraph.Prepare(ZooModels.Read(name)).Saved);
}
