using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Rewriter.Plans;
using OnnxActNN.Rewriter.Tests.Shapes;
using OnnxActNN.Testing;
using Xunit;

namespace OnnxActNN.Rewriter.Tests.Passes;

/// <summary>Codes of activations' derivatives on real graphs.</summary>
public sealed class DerivativeRewriteTests
{
    private static readonly string[] s_gradients =
        ["GeluGrad", "FastGeluGrad", "QuickGeluGrad", "SigmoidGrad", "TanhGrad"];

    private static readonly RewriteOptions s_options = new() { MinimumBytes = 0 };

    [Theory]
    [InlineData("small/vit-tiny", ActivationFunction.Gelu, 3)]
    [InlineData("small/gpt2-tiny", ActivationFunction.FastGelu, 2)]
    [InlineData("large/convnext_tiny", ActivationFunction.Gelu, 18)]
    // One more has 4 elements a sample, no more than a header.
    [InlineData("large/efficientnet_b0", ActivationFunction.QuickGelu, 48)]
    [InlineData("large/efficientnet_b0", ActivationFunction.Sigmoid, 16)]
    [InlineData("small/silu-gelu-cnn", ActivationFunction.QuickGelu, 1)]
    public void Gradients_of_activations_read_codes_of_the_derivative(
        string name, ActivationFunction function, int count)
    {
        foreach (var runtime in Enum.GetValues<TargetRuntime>())
        {
            // Gates of channels stay exact where products are computed again with them.
            var result = TrainingGraphRewriter.Rewrite(
                ZooModels.Read(name), s_options with { Runtime = runtime, Rebuild = RebuildScope.None });
            var pairs = result.Pairs.Where(pair => pair.Store.Derivative?.Function == function).ToList();

            pairs.Should().HaveCount(count);
            foreach (var pair in pairs)
            {
                pair.Pack.Operator.Should().Be(PackOperators.DerivativePack);
                pair.Store.Derivative!.Width.Should().Be(CodeWidth.TwoBits);
                pair.Gradients.Should().ContainSingle().Which.Operator.Should()
                    .Be(PackOperators.ActivationGradFromCodes);
                pair.Packed!.Uses.Select(use => use.Node).Should().Equal(pair.Gradients);
                PackAttributeReader.ReadDerivative(pair.Pack).Should().Be(pair.Store.Derivative);
                pair.Plan.Reason.Should().Contain($"2 bits, codes of {function}'s derivative");
            }
            GradientsOf(result).Count(node => node.Operator.Type == $"{function}Grad").Should().BeLessThanOrEqualTo(1);
        }
    }

    [Fact]
    public void The_factor_of_QuickGelu_is_its_own()
    {
        var original = ZooModels.Read("small/silu-gelu-cnn").Graph.Nodes.Single(
            node => node.Operator.Type == "QuickGeluGrad");
        var pack = TrainingGraphRewriter.Rewrite(ZooModels.Read("small/silu-gelu-cnn"), s_options).Pairs
            .Single(pair => pair.Store.Derivative?.Function == ActivationFunction.QuickGelu).Pack;

        PackAttributeReader.ReadDerivative(pack).Alpha.Should().Be(original.Attributes.GetFloat("alpha", 1.702f));
    }

    /// <summary>What is coded is the sum with the bias, which the forward pass computes inside BiasGelu.</summary>
    [Theory]
    [InlineData(ActivationFunction.Gelu)]
    [InlineData(ActivationFunction.FastGelu)]
    public void A_bias_is_added_on_the_way_to_the_pack(ActivationFunction function)
    {
        foreach (var runtime in Enum.GetValues<TargetRuntime>())
        {
            var model = ZooModels.Read("small/vit-tiny");
            BiasFusion.Apply(model.Graph, isFast: function == ActivationFunction.FastGelu).Should().Be(3);
            var result = TrainingGraphRewriter.Rewrite(model, s_options with { Runtime = runtime });

            var pairs = result.Pairs.Where(pair => pair.Store.Derivative?.Function == function).ToList();
            pairs.Should().HaveCount(3);
            foreach (var pair in pairs)
            {
                var sum = pair.Pack.Input(0)!.Producer!;
                sum.Operator.Should().Be(OperatorId.Onnx("Add"));
                sum.Inputs.Should().Equal(pair.Plan.Tensor.Value, pair.Store.Bias);
                pair.Gradients.Should().ContainSingle().Which.Operator.Should()
                    .Be(PackOperators.ActivationGradFromCodes);
                pair.PassThrough!.Producer!.Operator.Should().Be(PackOperators.Anchor);
            }
            result.Model.Graph.Nodes.Should()
                .NotContain(node => node.Operator.Type.EndsWith("Grad_dX", StringComparison.Ordinal));
            GraphVerifier.Verify(result.Model.Graph);
        }
    }

    [Fact]
    public void Without_them_the_input_is_coded_in_8_bits_as_any_nonlinear_readers_is()
    {
        var result = TrainingGraphRewriter.Rewrite(
            ZooModels.Read("small/vit-tiny"), s_options with { DerivativeCodes = false });

        var readers = GradientsOf(result).ToList();
        readers.Should().HaveCount(3);
        foreach (var reader in readers)
            result.Pairs.Single(pair => pair.Unpacks.Contains(reader.Input(1)!.Producer!)).Store.Format!.Width.Should()
                .Be(CodeWidth.EightBits);
        result.Model.Graph.Nodes.Should().NotContain(node => node.Operator == PackOperators.DerivativePack);
    }

    [Fact]
    public void Nothing_is_coded_where_nothing_may_be_lost()
    {
        var result = TrainingGraphRewriter.Rewrite(
            ZooModels.Read("small/vit-tiny"), s_options with { LosslessOnly = true });

        GradientsOf(result).Should().HaveCount(3);
        result.Pairs.Should().NotContain(pair => pair.Store.Derivative != null);
    }

    [Theory]
    [InlineData(CodeWidth.FourBits, null, CodeWidth.FourBits)]
    [InlineData(CodeWidth.FourBits, CodeWidth.OneBit, CodeWidth.OneBit)]
    [InlineData(CodeWidth.TwoBits, CodeWidth.EightBits, CodeWidth.EightBits)]
    public void Their_width_is_the_codes_own_or_that_of_all(CodeWidth all, CodeWidth? own, CodeWidth expected)
    {
        var options = s_options with { Width = all, DerivativeWidth = own };
        TrainingGraphRewriter.Rewrite(ZooModels.Read("small/vit-tiny"), options).Pairs.Select(
            pair => pair.Store.Derivative?.Width)
            .OfType<CodeWidth>().Should().HaveCount(3).And.OnlyContain(width => width == expected);
    }

    [Fact]
    public void A_tensor_with_linear_readers_too_has_a_code_of_its_own_beside()
    {
        var plans = Decide("small/autoencoder-mse", s_options)
            .Where(plan => plan.Derivative?.Function == ActivationFunction.Tanh).ToList();

        plans.Should().HaveCount(2);
        foreach (var plan in plans)
        {
            plan.Stores.Should().HaveCount(2);
            plan.Format!.Width.Should().Be(CodeWidth.TwoBits, "no reader of values bends");
            plan.Reads.Select(read => read.Decision).Should()
                .OnlyContain(decision => decision == StorageDecision.Quantize);
        }
        // Where values are coded in 8 bits anyway, one code serves both.
        Decide("small/autoencoder-mse", s_options with { Width = CodeWidth.EightBits }).Should()
            .ContainSingle(plan => plan.Tensor.Value.Name == plans[0].Tensor.Value.Name)
            .Which.Derivative.Should().BeNull();
    }

    [Fact]
    public void A_plan_says_how_wide_they_are()
    {
        var model = ZooModels.Read("small/vit-tiny");
        var name = Decide("small/vit-tiny", s_options).First(plan => plan.Derivative is not null).Tensor.Value.Name;
        var plan = new BitPlan
        {
            Model = ModelFingerprint.Of(model),
            Budget = new PlanBudget(BudgetKind.AverageBits, 2),
            Verdict = PlanVerdict.Fits,
            Tensors = [new PlannedTensor { Name = name, Decision = StorageDecision.Quantize, Levels = 16 }],
        };

        var result = TrainingGraphRewriter.Rewrite(model, s_options with { Plan = plan });

        result.Pairs.Single(pair => pair.Plan.Tensor.Value.Name == name).Store.Derivative!.Width.Should()
            .Be(CodeWidth.FourBits);
    }

    [Fact]
    public void The_planner_chooses_among_their_widths()
    {
        var plan = TrainingGraphPlanner.Plan(
            ZooModels.Read("small/vit-tiny"), new PlanRequest { Budget = new PlanBudget(BudgetKind.AverageBits, 3) });
        var coded = Decide("small/vit-tiny", s_options).Where(decided => decided.Derivative is not null)
            .Select(decided => decided.Tensor.Value.Name).ToList();

        plan.Tensors.Where(tensor => coded.Contains(tensor.Name)).Should().HaveCount(3)
            .And.OnlyContain(tensor => tensor.Levels >= 2 && tensor.Levels <= 16, "three bits are enough on average");
    }

    private static IReadOnlyList<TensorPlan> Decide(string name, RewriteOptions options) =>
        new StoragePolicy(options).Decide(TrainingGraph.Prepare(ZooModels.Read(name)).Saved);

    private static IEnumerable<Node> GradientsOf(RewriteResult result) =>
        result.Model.Graph.Nodes.Where(node => s_gradients.Contains(node.Operator.Type));
}
