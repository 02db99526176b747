using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.Format;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>
/// The kernels that read a packed tensor as batch normalization does, against the formulas on the restored tensor.
/// </summary>
public sealed class NormalizationTests
{
    /// <summary>float32 sums of up to 3136 elements in 16 lanes, relative to the sum of magnitudes.</summary>
    private const double SumTolerance = 1e-5;

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            string[] shapes =
            [
                "2x3x56x56", "3x5x14x14", "4x8x7x7", "2x6x3x3", "5x3x1x1", "7x4", "2x3x17", "0x3x4x4", "1x1x100x101",
                "2x3x5x4x70",
            ];
            string[] formats = ["row 64", "row 256", "flat 256", "row 100000", "row 64 eight", "row 64 last"];
            foreach (var shape in shapes)
            {
                foreach (var format in formats) data.Add(shape, format);
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_forward_value_is_the_formula_s(string shape, string format)
    {
        var test = new NormalizationCase(shape, format);
        foreach (var (masked, added) in new[] { (false, false), (true, false), (true, true), (false, true) })
        {
            var y = test.Forward(masked, added, SerialLoop.Instance);
            for (var i = 0; i < y.Length; i++)
            {
                var c = test.ChannelOf(i);
                var scale = test.Statistics.Scale[c] * test.Statistics.InverseDeviation[c];
                var value = test.Restored[i] * scale + (test.Bias[c] - test.Statistics.Mean[c] * scale);
                if (added) value += test.Other[i];
                y[i].Should().Be(masked && !test.IsKept(i) ? 0f : value, "element {0}", i);
            }
            test.Forward(masked, added, new ThreadedLoop(3)).Should().Equal(y);
        }
    }

    [Fact]
    public void Elements_outside_get_the_nearer_bound()
    {
        var test = new NormalizationCase("2x3x28x28", "row 64");
        var bounds = new ClipBounds(-0.25f, 0.5f);
        var (all, y) = (test.Forward(false, false, SerialLoop.Instance),
            test.Forward(true, false, SerialLoop.Instance, bounds));
        for (var i = 0; i < y.Length; i++)
            y[i].Should().Be(test.IsKept(i) ? all[i] : all[i] > 0.125f ? 0.5f : -0.25f, "element {0}", i);
        y.Should().Contain(0.5f).And.Contain(-0.25f);
    }

    [Theory]
    [InlineData("2x7x28x28", "row 64", 3)]
    [InlineData("3x5x7x7", "row 256", 4)]
    [InlineData("3x5x3x3", "row 64 eight", 2)]
    [InlineData("4x6x2x2", "flat 256", 5)]
    [InlineData("2x40x1x1", "row 64", 1)]
    public void The_first_channels_are_read_as_if_they_were_all(string shape, string format, int channels)
    {
        var test = new NormalizationCase(shape, format, channels: channels);
        var threads = new ThreadedLoop(3);
        var scale = Enumerable.Range(0, channels)
            .Select(c => test.Statistics.Scale[c] * test.Statistics.InverseDeviation[c]).ToList();
        var y = test.Forward(masked: false, added: false, threads);
        for (var i = 0; i < y.Length; i++)
        {
            var c = test.ChannelOf(i);
            y[i].Should().Be(
                test.Restored[i] * scale[c] + (test.Bias[c] - test.Statistics.Mean[c] * scale[c]), "element {0}", i);
        }
        GradientIsTheFormulaS(test, threads);
    }

    [Theory]
    [MemberData(nameof(SlicedCases))]
    public void A_slice_is_that_of_the_whole_result(string shape, string format, int? channels)
    {
        var test = new NormalizationCase(shape, format, channels: channels);
        foreach (var (masked, added) in new[] { (false, false), (true, true) })
        {
            var whole = test.Forward(masked, added, SerialLoop.Instance);
            foreach (var slice in SlicesOf(2).Concat(SlicesOf(3)).Concat(SlicesOf(9)))
                test.Forward(masked, added, new ThreadedLoop(3), slice: slice).Should()
                    .Equal(test.OfSlice(whole, slice).ToArray(), "{0}", slice);
        }
    }

    /// <summary>
    /// Shapes, of which the last has masks that begin within a byte; formats; and how many channels are read.
    /// </summary>
    public static TheoryData<string, string, int?> SlicedCases => new()
    {
        { "5x3x20x20", "row 64", null }, { "4x8x7x7", "row 64 eight", null }, { "2x6x3x3", "row 64", null },
        { "7x40", "flat 256", null }, { "2x3x17", "row 64 last", null }, { "3x2x100x101", "row 100000", null },
        { "5x7x5x5", "row 64", 3 },
    };

    public static IEnumerable<BatchSlice> SlicesOf(int count) =>
        Enumerable.Range(0, count).Select(index => BatchSlice.Create(index, count));

    [Fact]
    public void Samples_that_share_a_row_are_not_read_in_slices()
    {
        var test = new NormalizationCase("5x3x2x2", "row 64");
        var read = () => test.Forward(masked: false, added: false, SerialLoop.Instance, slice: BatchSlice.Create(0, 2));
        read.Should().Throw<ArgumentException>().WithMessage("*share a row of 60 elements*");
        var unpack = () =>
            TestCodec.Unpack(KernelTier.Scalar, ElementType.Float32, test.Packed, test.Dims, BatchSlice.Create(0, 2));
        unpack.Should().Throw<ArgumentException>().WithMessage("*share a row of 60 elements*");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_is_the_formula_s(string shape, string format)
    {
        GradientIsTheFormulaS(new NormalizationCase(shape, format), SerialLoop.Instance);
    }

    private static void GradientIsTheFormulaS(NormalizationCase test, IParallelLoop loop)
    {
        foreach (var masked in new[] { false, true })
        {
            var (dX, dScale, dBias) = test.Gradient(masked, inPlace: false, loop);
            for (var c = 0; c < test.Channels; c++)
            {
                var (mean, inverse) = (test.Statistics.Mean[c], (double)test.Statistics.InverseDeviation[c]);
                var elements = Enumerable.Range(0, dX.Length).Where(i => test.ChannelOf(i) == c).ToList();
                double Dy(int i) => masked && !test.IsKept(i) ? 0 : test.Other[i];
                var bias = elements.Sum(Dy);
                var scale = inverse * elements.Sum(i => Dy(i) * (test.Restored[i] - mean));
                dBias[c].Should()
                    .BeApproximately((float)bias, (float)(SumTolerance * elements.Sum(i => Math.Abs(Dy(i))) + 1e-30));
                var magnitude = elements.Sum(i => Math.Abs(Dy(i) * inverse * (test.Restored[i] - mean)));
                dScale[c].Should().BeApproximately((float)scale, (float)(SumTolerance * magnitude + 1e-30));
                foreach (var i in elements)
                {
                    var factor = test.Statistics.Scale[c] * inverse;
                    var centered = (test.Restored[i] - mean) * inverse;
                    var corrected = Dy(i)
                        * (1 + (elements.Count <= 1 << 13 ? test.Variance[i] * inverse * inverse / elements.Count : 0));
                    var expected = factor * (corrected - bias / elements.Count - centered * scale / elements.Count);
                    dX[i].Should().BeApproximately((float)expected, 1e-4f * (float)Math.Abs(factor), "element {0}", i);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_gradient_s_bits_depend_on_nothing_but_the_data(string shape, string format)
    {
        var test = new NormalizationCase(shape, format);
        var (dX, dScale, dBias) = test.Gradient(masked: true, inPlace: false, SerialLoop.Instance);
        foreach (var threads in new[] { 2, 3, 7 })
        {
            foreach (var inPlace in new[] { false, true })
            {
                var other = test.Gradient(masked: true, inPlace, new ThreadedLoop(threads));
                other.X.Should().Equal(dX);
                other.Scale.Should().Equal(dScale);
                other.Bias.Should().Equal(dBias);
            }
        }
    }

    [Fact]
    public void Every_tier_gives_the_same_bits()
    {
        var test = new NormalizationCase("2x3x28x28", "row 64");
        var expected = test.Gradient(masked: true, inPlace: false, SerialLoop.Instance, KernelTier.Scalar);
        foreach (var tier in Enum.GetValues<KernelTier>().Where(KernelTiers.IsSupported))
        {
            var found = test.Gradient(masked: true, inPlace: false, SerialLoop.Instance, tier);
            found.X.Should().Equal(expected.X);
            found.Scale.Should().Equal(expected.Scale);
        }
    }

    [Fact]
    public void Statistics_of_another_number_of_channels_are_refused()
    {
        var test = new NormalizationCase("2x3x28x28", "row 64");
        var call = () => test.Gradient(
            masked: false, inPlace: false, SerialLoop.Instance,
            statistics: test.Statistics with { Mean = new float[4] });
        call.Should().Throw<ArgumentException>().WithMessage("*4 numbers for 3 channels*");
    }
}
