using System.Runtime.InteropServices;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Losses;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using OnnxActNN.GpuCheck;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>The gradient of cross entropy from packed probabilities is on the device the CPU's in every bit.</summary>
public sealed class CudaSoftmaxCrossEntropyLossTests
{
    private const long Ignored = 255;

    public CudaSoftmaxCrossEntropyLossTests() => EmulatedCuda.Require();

    /// <summary>
    /// Fewer labels than partial sums and more; classes beside each other and apart; one element, and none.
    /// </summary>
    [Theory]
    [InlineData("9x160")]
    [InlineData("2500x5")]
    [InlineData("2x7x6x5")]
    [InlineData("3x21x17")]
    [InlineData("1x1")]
    [InlineData("0x10")]
    public void Gradients_are_those_of_the_CPU(string shape)
    {
        foreach (var reduction in Enum.GetValues<LossReduction>())
            Check([.. shape.Split('x').Select(long.Parse)], Squared(CodeWidth.FourBits), reduction);
    }

    [Fact]
    public void Every_width_is_read()
    {
        foreach (var width in CodeWidths.All)
        {
            Check([9, 70], new PackFormat(width, zeroExact: false) { GroupSize = 64 }, LossReduction.Mean);
            Check([9, 70], Squared(width), LossReduction.Sum);
        }
    }

    [Fact]
    public void Where_no_label_counts_the_gradient_is_0()
    {
        var gradient = Gradient([2, 70], LossReduction.Mean, labels: [Ignored, Ignored]);
        gradient.OnDevice(EmulatedCuda.Device, areWide: true).Should().OnlyContain(number => number == 0);
    }

    /// <summary>The CPU throws; there is nobody on the device to throw to.</summary>
    [Theory]
    [InlineData(true, 70L, 3)]
    [InlineData(true, -1L, 3)]
    [InlineData(false, 70L, 1)]
    public void A_label_that_is_no_class_gives_NaN(bool isMean, long label, int rows)
    {
        var reduction = isMean ? LossReduction.Mean : LossReduction.Sum;
        var gradient = Gradient([4, 70], reduction, labels: [label, Ignored, 5, 6]);
        var found = MemoryMarshal.Cast<byte, float>(gradient.OnDevice(EmulatedCuda.Device, areWide: true)).ToArray();
        found.Chunk(70).Count(row => row.All(float.IsNaN)).Should().Be(rows);
        found[70..140].Should().OnlyContain(number => number == 0, "the label is to be ignored");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(13)]
    [InlineData(48)]
    public void A_buffer_that_is_not_what_the_shape_says_gives_NaN(int position)
    {
        var gradient = Gradient([2, 70], LossReduction.Mean, labels: [3, 4], damagedByte: position);
        var found = gradient.OnDevice(EmulatedCuda.Device, areWide: false);
        MemoryMarshal.Cast<byte, float>(found).ToArray().Should().OnlyContain(number => float.IsNaN(number));
    }

    /// <summary>
    /// Compares the device with the CPU, with weights and without, with and without a label that is ignored.
    /// </summary>
    internal static void Check(long[] dims, PackFormat format, LossReduction reduction)
    {
        var packed = Pack(dims, format);
        var random = new Random(6);
        var count = (int)(dims[0] * TestTensor.CountOf(dims[2..]));
        foreach (var ignored in new long?[] { null, Ignored })
        {
            var labels = Enumerable.Range(0, count)
                .Select(i => ignored is { } index && i % 3 == 0 ? index : random.NextInt64(dims[1])).ToArray();
            var dY = Draw(reduction == LossReduction.None ? count : 1, seed: 9);
            foreach (var weights in new[] { [], Draw((int)dims[1], seed: 8) })
            {
                var factors = new LabelFactors(reduction, ignored);
                var gradient = new LossGradient(factors, dims, packed, labels, weights, dY);
                var expected = gradient.OnCpu();
                foreach (var areWide in new[] { false, true })
                    gradient.OnDevice(EmulatedCuda.Device, areWide).Should().Equal(expected, "of {0}", factors);
            }
        }
    }

    private static LossGradient Gradient(long[] dims, LossReduction reduction, long[] labels, int? damagedByte = null)
    {
        var packed = Pack(dims, Squared(CodeWidth.FourBits));
        if (damagedByte is { } position) packed[position] ^= 0x41;
        return new LossGradient(new LabelFactors(reduction, Ignored), dims, packed, labels, [], [0.3f]);
    }

    private static PackFormat Squared(CodeWidth width) => new(width, zeroExact: false)
    {
        Grid = CodeGrid.Squared,
        Rounding = RoundingMode.Stochastic,
        GroupSize = 64,
    };

    private static byte[] Pack(long[] dims, PackFormat format)
    {
        var count = TestTensor.CountOf(dims);
        var x = TestTensor.ToBytes(TestTensor.Draw(count, isRelu: true, seed: 4), ElementType.Float32);
        return TestCodec.Pack(KernelTier.Scalar, ElementType.Float32, x, dims, format, TestCodec.Key);
    }

    private static float[] Draw(int count, int seed) =>
        Array.ConvertAll(TestTensor.Draw(count, isRelu: false, seed), x => (float)x);
}
