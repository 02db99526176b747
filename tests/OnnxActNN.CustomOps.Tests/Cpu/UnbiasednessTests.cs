using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.Format;
using OnnxActNN.Testing;
using OnnxActNN.Training.Gradients;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>E[decoded] = x, and the variance is the formula's.</summary>
public sealed class UnbiasednessTests
{
    private const int Runs = 256;
    private const int Count = 2000;

    /// <summary>
    /// 16 projections of 42 kernels and more are tested, so one beyond 4 is to be expected; beyond 5 none is.
    /// </summary>
    private const double ThresholdOfAll = 5;

    public static TheoryData<KernelCase> Cases => [.. KernelCase.All.Where(c => c.Type == ElementType.Float32)];

    [Theory]
    [MemberData(nameof(Cases), DisableDiscoveryEnumeration = true)]
    public void Decoded_values_are_unbiased_over_many_runs(KernelCase kernel)
    {
        var values = Values(kernel.IsPositive);
        var z = BiasTest.LargestZOf(values, Runs, run => Decode(kernel, values, run));
        z.Should().BeLessThan(ThresholdOfAll);
    }

    /// <summary>The 8-bit metadata's step is no simple function of the range.</summary>
    public static TheoryData<KernelCase> CasesOfKnownStep =>
        [.. KernelCase.Uniform.Where(c => c is { Type: ElementType.Float32, Metadata: MetadataFormat.BFloat16 })];

    [Fact]
    public void The_test_passes_a_right_codec_and_fails_nearest_rounding_and_a_missing_top_code()
    {
        var values = Values(isRelu: false);
        BiasTest.LargestZOf(values, Runs, new WrongCodec(values, false, false).RoundTrip).Should()
            .BeLessThan(BiasTest.Threshold);
        BiasTest.LargestZOf(values, Runs, new WrongCodec(values, true, false).RoundTrip).Should()
            .BeGreaterThan(BiasTest.Threshold);
        BiasTest.LargestZOf(values, Runs, new WrongCodec(values, false, true).RoundTrip).Should()
            .BeGreaterThan(BiasTest.Threshold);
    }

    [Theory]
    [MemberData(nameof(CasesOfKnownStep), DisableDiscoveryEnumeration = true)]
    public void The_variance_is_a_twelfth_or_on_average_a_sixth_of_the_squared_step(KernelCase kernel)
    {
        var values = Enumerable.Range(0, Count).Select(i => (double)(float)((i + 0.5) / Count)).ToArray();
        var format = kernel.Format(PackFormat.LargestGroupSize);
        var squares = 0.0;
        for (var run = 0; run < 100; run++)
        {
            var decoded = TestCodec.RoundTrip(KernelTiers.Current, kernel.Type, values, format, new PackKey(1, 2, run));
            squares += values.Zip(decoded, (x, y) => (y - x) * (y - x)).Average();
        }

        var levels = CodeWidths.Levels(kernel.Width) - (kernel.ZeroExact ? 2 : 1);
        var expected = (kernel.Rounding == RoundingMode.Dither ? 1.0 / 12 : 1.0 / 6) / (levels * levels);
        // bfloat16 rounds the step up by at most 1/128, its square by 1/64.
        (squares / 100).Should().BeInRange(0.98 * expected, 1.05 * expected);
    }

    /// <summary>
    /// Between levels k² · step and (k + 1)² · step, x has the variance (x − lower)(upper − x): a sixth of the squared
    /// gap on average over the gap, and the gaps of (2k + 1) steps fill the range in shares of their own lengths.
    /// </summary>
    [Theory]
    [InlineData(CodeWidth.TwoBits)]
    [InlineData(CodeWidth.ThreeBits)]
    [InlineData(CodeWidth.FourBits)]
    [InlineData(CodeWidth.EightBits)]
    public void The_variance_on_a_squared_grid_is_a_sixth_of_the_squared_gap(CodeWidth width)
    {
        var values = Enumerable.Range(0, Count).Select(i => (double)(float)((i + 0.5) / Count)).Append(1).ToArray();
        var format = new PackFormat(width, false)
        {
            Grid = CodeGrid.Squared,
            Rounding = RoundingMode.Stochastic,
            GroupSize = PackFormat.LargestGroupSize,
        };
        var squares = 0.0;
        for (var run = 0; run < 100; run++)
        {
            var decoded = TestCodec.RoundTrip(
                KernelTiers.Current, ElementType.Float32, values, format, new PackKey(1, 2, run));
            squares += values.Zip(decoded, (x, y) => (y - x) * (y - x)).Average();
        }

        var expected = Enumerable.Range(0, CodeWidths.Levels(width) - 1)
            .Sum(k => Math.Pow((2 * k + 1.0) / format.Steps, 3)) / 6;
        (squares / 100).Should().BeInRange(0.97 * expected, 1.06 * expected);
    }

    private static double[] Values(bool isRelu) =>
        [.. TestTensor.Draw(Count, isRelu, seed: 8).Select(value => (double)(float)value)];

    private static double[] Decode(KernelCase kernel, double[] values, long run) =>
        TestCodec.RoundTrip(KernelTiers.Current, kernel.Type, values, kernel.Format(100), new PackKey(1, 2, run));
}
