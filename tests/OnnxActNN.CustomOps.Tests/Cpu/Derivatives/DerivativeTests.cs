using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Derivatives;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Training.Gradients;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu.Derivatives;

/// <summary>The values that are coded, and that codes of them are unbiased.</summary>
public sealed class DerivativeTests
{
    private const int Runs = 256;

    /// <summary>
    /// What <see cref="ActivationDerivative.PiecesPerUnit"/> and the cut at the table's ends promise.
    /// </summary>
    private const double TableError = 7e-6;

    /// <summary>
    /// 30 codes with 10 projections each are tested, so one beyond 4 is to be expected now and then; beyond 5 none is.
    /// </summary>
    private const double ThresholdOfAll = 5;

    public static TheoryData<ActivationFunction> Functions => [.. Enum.GetValues<ActivationFunction>()];

    [Theory]
    [MemberData(nameof(Functions))]
    public unsafe void The_table_is_the_derivative(ActivationFunction function)
    {
        var row = ActivationDerivative.Of(function);
        var x = TestDerivatives.Inputs(function, 9973).Select(value => (float)value).ToArray();
        var y = new float[x.Length];
        fixed (float* source = x, target = y)
            DerivativeTable.Of(function).Evaluate(KernelTiers.Current, source, x.Length, 1, target).Should().BeTrue();
        for (var i = 0; i < x.Length; i++)
        {
            y[i].Should().BeInRange(row.Low, row.High);
            ((double)y[i]).Should()
                .BeApproximately(TestDerivatives.Exact(function, x[i]), TableError, "x is {0}", x[i]);
        }
        (y.Min() - row.Low).Should().BeInRange(0, 0.001f, "the range has no room to waste");
        (row.High - y.Max()).Should().BeInRange(0, 0.001f);
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void Decoded_derivatives_are_unbiased_over_the_whole_range(ActivationFunction function)
    {
        var x = TestDerivatives.Inputs(function, 2000);
        var exact = x.Select(value => TestDerivatives.Exact(function, value)).ToArray();
        // Eight bits resolve the error of the table, which is no noise; it is held to its bound above.
        foreach (var width in CodeWidths.All.Where(width => width != CodeWidth.EightBits))
        {
            foreach (var rounding in Enum.GetValues<RoundingMode>())
            {
                var format = new DerivativeFormat(function, width, rounding);
                var z = BiasTest.LargestZOf(
                    exact, Runs,
                    run => TestDerivatives.RoundTrip(KernelTiers.Current, x, format, new PackKey(1, 2, run)));
                z.Should().BeLessThan(ThresholdOfAll, "{0}", format);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void The_variance_of_dither_is_a_twelfth_of_the_squared_step(ActivationFunction function)
    {
        var x = TestDerivatives.Inputs(function, 2000);
        var exact = x.Select(value => TestDerivatives.Exact(function, value)).ToArray();
        foreach (var width in CodeWidths.All)
        {
            var format = new DerivativeFormat(function, width, RoundingMode.Dither);
            var squares = Enumerable.Range(0, 100).Average(run => exact.Zip(
                TestDerivatives.RoundTrip(KernelTiers.Current, x, format, new PackKey(1, 2, run)),
                (value, decoded) => (decoded - value) * (decoded - value)).Average());
            squares.Should().BeInRange(0.97 * format.Step * format.Step / 12, 1.03 * format.Step * format.Step / 12);
        }
    }

    [Fact]
    public void Codes_of_x_itself_would_be_biased()
    {
        var x = TestDerivatives.Inputs(ActivationFunction.Gelu, 2000).Select(value => Math.Clamp(value, -4, 4))
            .ToArray();
        var exact = x.Select(value => TestDerivatives.Exact(ActivationFunction.Gelu, value)).ToArray();
        var format = new PackFormat(CodeWidth.TwoBits, zeroExact: false) { GroupSize = 2000 };
        BiasTest.LargestZOf(exact, Runs, run => [.. TestCodec
            .RoundTrip(KernelTiers.Current, ElementType.Float32, x, format, new PackKey(1, 2, run))
            .Select(value => TestDerivatives.Exact(ActivationFunction.Gelu, value))]).Should().BeGreaterThan(10);
    }

    [Fact]
    public void Alpha_scales_the_input()
    {
        var x = TestDerivatives.Inputs(ActivationFunction.QuickGelu, 1000).Select(value => (double)(float)(value / 2))
            .ToArray();
        var format = new DerivativeFormat(ActivationFunction.QuickGelu, CodeWidth.FourBits, RoundingMode.Dither);
        var doubled = x.Select(value => 2 * value).ToArray();
        TestDerivatives.Pack(
            KernelTiers.Current, ElementType.Float32, TestTensor.ToBytes(x, ElementType.Float32),
            format with { Alpha = 2 },
            TestDerivatives.Key)[DerivativeLayout.HeaderSize..].Should().Equal(TestDerivatives.Pack(
                KernelTiers.Current, ElementType.Float32, TestTensor.ToBytes(doubled, ElementType.Float32), format,
                TestDerivatives.Key)[DerivativeLayout.HeaderSize..]);
    }
}
