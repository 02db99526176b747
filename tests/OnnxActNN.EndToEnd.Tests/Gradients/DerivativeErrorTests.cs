using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Testing;
using OnnxActNN.Training.Gradients;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Gradients;

/// <summary>
/// The relative gradient error E‖Ĝ − G‖² / ‖G‖², and the bias, that codes of activations' derivatives alone make;
/// everything else is exact. What it prints are the figures of docs/evidence.md.
/// </summary>
public sealed class DerivativeErrorTests(ITestOutputHelper output)
{
    private const int Runs = 96;

    /// <summary>
    /// Up to 46 parameters with 9 projections at 6 widths: beyond 4 one is to be expected now and then, beyond 5 none.
    /// </summary>
    private const double ThresholdOfAll = 5;

    /// <summary>
    /// Of the whole gradient's norm: a gradient that is 0 in theory, as of the bias of attention's keys, is rounding
    /// here, in another order in each draw.
    /// </summary>
    private const double Vanishing = 1e-6;

    /// <param name="name">Entry of the zoo.</param>
    /// <param name="operators">The gradients that read codes there.</param>
    /// <param name="atTwoBits">The error that was measured at 2 bits.</param>
    [Theory]
    [InlineData("vit-tiny", "GeluGrad", 0.09)]
    [InlineData("bert-tiny", "GeluGrad", 2.1e-5)]
    [InlineData("gpt2-tiny", "FastGeluGrad", 7.9e-3)]
    [InlineData("silu-gelu-cnn", "QuickGeluGrad", 2.1e-6)]
    public void Gradients_are_unbiased_at_every_width(string name, string operators, double atTwoBits)
    {
        TrainingRuntime.Require();
        using var trained = GradientCase.OfZoo(name);
        var tensors = CodedAlone(trained, operators);
        tensors.Should().NotBeEmpty();
        MeasureEveryWidth(trained, $"{name} {operators}", tensors, atTwoBits);
    }

    /// <param name="convolution">
    /// What makes the activation's input in the test model of activations in standard operators.
    /// </param>
    /// <param name="atTwoBits">The error that was measured at 2 bits.</param>
    [Theory]
    [InlineData("silu", 3.3e-6)]
    [InlineData("gelu", 3.2e-6)]
    [InlineData("fast_gelu", 3.8e-6)]
    [InlineData("mish", 3.3e-6)]
    [InlineData("hard_swish", 9.1e-6)]
    [InlineData("elu", 2.2e-6)]
    [InlineData("softplus", 2.2e-6)]
    [InlineData("log_sigmoid", 2.1e-6)]
    public void Gradients_of_written_activations_are_unbiased_at_every_width(string convolution, double atTwoBits)
    {
        TrainingRuntime.Require();
        using var trained = GradientCase.OfTestModel("written-activations", batch: 16);
        MeasureEveryWidth(trained, convolution, [$"/{convolution}/Conv_output_0"], atTwoBits);
    }

    /// <summary>A bias that goes into the activation's gradient is added before its derivative is coded.</summary>
    [Theory]
    [InlineData("BiasGeluGrad_dX", 0.09)]
    [InlineData("BiasFastGeluGrad_dX", 0.09)]
    public void Gradients_with_a_bias_are_unbiased(string operators, double atTwoBits)
    {
        TrainingRuntime.Require();
        using var trained = GradientCase.OfZoo(
            "vit-tiny", graph =>
                BiasFusion.Apply(graph, isFast: operators.Contains("Fast", StringComparison.Ordinal)).Should().Be(3));
        var tensors = CodedAlone(trained, operators);
        tensors.Should().HaveCount(3);

        var (error, z) = Measure(trained, new RewriteOptions { MinimumBytes = 0, Include = tensors });

        output.WriteLine($"vit-tiny {operators}: error {error:E2}, largest z {z:F1}");
        error.Should().BeInRange(0.5 * atTwoBits, 2 * atTwoBits);
        z.Should().BeLessThan(ThresholdOfAll);
    }

    [Fact]
    public void Written_activations_that_are_not_coded_have_the_same_gradients()
    {
        TrainingRuntime.Require();
        using var trained = GradientCase.OfTestModel("written-activations", batch: 16);
        var rewritten = trained.Rewrite(new RewriteOptions { MinimumBytes = long.MaxValue / 8 });

        var gradients = trained.Sample(rewritten.ToBytes(), 1).Single();

        foreach (var (parameter, exact) in trained.Exact)
        {
            var difference = SquaredNorm([.. gradients[parameter].Zip(exact, (a, b) => a - b)]);
            difference.Should()
                .BeLessThan(1e-10 * SquaredNorm(exact), "{0} is written otherwise, and rounds otherwise", parameter);
        }
    }

    private void MeasureEveryWidth(GradientCase trained, string name, IReadOnlyList<string> tensors, double atTwoBits)
    {
        var options = new RewriteOptions { MinimumBytes = 0, Include = tensors };
        var errors = new Dictionary<CodeWidth, double>();
        foreach (var width in CodeWidths.All)
        {
            var (error, z) = Measure(trained, options with { DerivativeWidth = width });
            output.WriteLine($"{name} f' {width}: error {error:E2}, largest z {z:F1}");
            errors[width] = error;
            z.Should().BeLessThan(ThresholdOfAll);
        }
        var coded = Measure(trained, options with { DerivativeCodes = false, AllowBiased = true });
        output.WriteLine($"{name} x {CodeWidth.TwoBits}: error {coded.Error:E2}, largest z {coded.Z:F1}");

        errors[CodeWidth.TwoBits].Should().BeInRange(0.5 * atTwoBits, 2 * atTwoBits);
        // Dither's variance is the squared step's: it falls as (levels − 1)⁻².
        (errors[CodeWidth.TwoBits] / errors[CodeWidth.FourBits]).Should().BeInRange(0.8 * 25, 1.25 * 25);
        (errors[CodeWidth.OneBit] / errors[CodeWidth.TwoBits]).Should().BeInRange(0.8 * 9, 1.25 * 9);
    }

    /// <summary>Tensors of which only such a gradient reads anything.</summary>
    private static IReadOnlyList<string> CodedAlone(GradientCase trained, string operators) =>
        [.. trained.Rewrite(new RewriteOptions { MinimumBytes = 0 }).Pairs.Select(pair => pair.Plan).Distinct()
            .Where(plan => plan.Format is null && plan.Reads.Any(read => read.Decision == StorageDecision.Quantize)
                && plan.Tensor.Consumers.Any(consumer => consumer.Direct?.Result.Operator.Type == operators))
            .Select(plan => plan.Tensor.Value.Name)];

    private static (double Error, double Z) Measure(GradientCase trained, RewriteOptions options)
    {
        var norm = trained.Exact.Values.Sum(SquaredNorm);
        var tests = trained.Exact.Where(gradient => SquaredNorm(gradient.Value) > Vanishing * Vanishing * norm)
            .ToDictionary(gradient => gradient.Key, gradient => new BiasTest(gradient.Value));
        var squares = 0.0;
        foreach (var draw in trained.Sample(trained.Rewrite(options).ToBytes(), Runs))
        {
            foreach (var (parameter, gradient) in draw)
            {
                if (tests.TryGetValue(parameter, out var test)) test.Add(gradient);
                squares += gradient.Zip(trained.Exact[parameter], (a, b) => (a - b) * (a - b)).Sum();
            }
        }
        return (squares / Runs / norm, tests.Values.Max(test => test.LargestZ));
    }

    private static double SquaredNorm(double[] gradient) => gradient.Sum(x => x * x);
}
