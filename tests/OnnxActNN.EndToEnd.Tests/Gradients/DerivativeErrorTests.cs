using FluentAssertions;
using OnnxActNN.Format;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.Planning;
using OnnxActNN.Testing;
using OnnxActNN.Training.Gradients;
using Xunit;

namespace OnnxActNN.EndToEnd.Tests.Gradients;

/// <summary>
/// The relative gradient error E‖Ĝ − G‖² / ‖G‖², and the bias, that codes of activations' derivatives alone make; everything else is
/// exact. What it prints are the figures of docs/evidence.md.
/// </summary>
public sealed class DerivativeErrorTests(ITestOutputHelper output)
{
    private const int Runs = 96;

    /// <summary>Up to 46 parameters with 9 projections at 6 widths: beyond 4 one is to be expected now and then, beyond 5 none.</summary>
    private const double ThresholdOfAll = 5;

    /// <summary>
    /// Of the whole gradient's norm: a gradient that is 0 in theory, as of the bias of attention's keys, is rounding here, in another
    /// order in each draw.
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
        var options = new RewriteOptions { MinimumBytes = 0, Include = tensors };
        var errors = new Dictionary<CodeWidth, double>();
        foreach (var width in CodeWidths.All)
        {
            var (error, z) = Measure(trained, options with { DerivativeWidth = width });
            output.WriteLine($"{name} {operators} f' {width}: error {error:E2}, largest z {z:F1}");
            errors[width] = error;
            z.Should().BeLessThan(ThresholdOfAll);
        }
        var coded = Measure(trained, options with { DerivativeCodes = false, AllowBiased = true });
        output.WriteLine($"{name} {operators} x {CodeWidth.TwoBits}: error {coded.Error:E2}, largest z {coded.Z:F1}");

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
