using System.Runtime.InteropServices;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using OnnxActNN.GpuCheck;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>Layer normalization from packed tensors is on the device the CPU's in every bit.</summary>
public sealed class CudaLayerNormalizationTests
{
    public CudaLayerNormalizationTests() => EmulatedCuda.Require();

    [Theory]
    [InlineData(GroupLayout.Row, 64)]
    [InlineData(GroupLayout.Row, 256)]
    [InlineData(GroupLayout.Flat, 50)]
    public void Values_are_those_of_the_CPU(GroupLayout layout, int groupSize)
    {
        foreach (var width in CodeWidths.All)
        {
            var format = new PackFormat(width, zeroExact: false)
            {
                Layout = layout,
                GroupSize = groupSize,
                GroupAxis = -1,
            };
            foreach (var (dims, columns) in ((long[], int)[])
                [([2, 9, 48], 48), ([3, 257], 257), ([70, 5], 5), ([2, 4500], 4500), ([2, 3, 7, 7], 147), ([6, 1], 1),
                    ([0, 48], 48)])
                Check(dims, columns, format);
        }
    }

    /// <summary>
    /// Rows of one piece and of several; more rows than blocks; batches that end within a row, where the block began
    /// with another; rows that fit the layout's in no way.
    /// </summary>
    [Theory]
    [InlineData(GroupLayout.Row, 64)]
    [InlineData(GroupLayout.Row, 256)]
    [InlineData(GroupLayout.Flat, 50)]
    public void Gradients_are_those_of_the_CPU_beside_and_over_dY(GroupLayout layout, int groupSize)
    {
        var format = new PackFormat(CodeWidth.TwoBits, zeroExact: false) { Layout = layout, GroupSize = groupSize };
        foreach (var (dims, columns) in ((long[], int)[])
            [
                ([2, 9, 48], 48), ([3, 257], 257), ([70, 5], 5), ([70, 33], 33), ([2, 4500], 4500), ([2, 3, 7, 7], 147),
                ([6, 1], 1), ([34, 33, 16], 528), ([2, 20, 40], 800), ([3, 70, 100], 7000), ([4, 6, 10], 24),
            ])
            CheckGradient(dims, columns, format);
    }

    [Fact]
    public void Gradients_of_every_width_and_grid_are_those_of_the_CPU()
    {
        foreach (var width in CodeWidths.All)
        {
            var format = new PackFormat(width, zeroExact: false) { GroupSize = 64 };
            foreach (var rounding in Enum.GetValues<RoundingMode>())
                CheckGradient([5, 70], 70, format with { Rounding = rounding });
            if (width != CodeWidth.OneBit) CheckGradient([5, 70], 70, new PackFormat(width, zeroExact: true));
        }
        var squared = new PackFormat(CodeWidth.FourBits, zeroExact: false)
        {
            Grid = CodeGrid.Squared,
            Rounding = RoundingMode.Stochastic,
        };
        CheckGradient([5, 70], 70, squared);
    }

    [Fact]
    public void Without_rows_the_columns_gradients_are_0()
    {
        var packed = Pack([0, 48], new PackFormat(CodeWidth.TwoBits, zeroExact: false));
        var gradient = new LayerNormalizationGradient([0, 48], packed, [], Draw(48, 1), null, []);
        foreach (var numbers in gradient.OnDevice(EmulatedCuda.Device, inPlace: false)[1..])
            numbers.Should().NotBeEmpty().And.OnlyContain(number => number == 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(13)]
    [InlineData(48)]
    public void A_buffer_that_is_not_what_the_shape_says_gives_NaN(int position)
    {
        long[] dims = [3, 70];
        var packed = Pack(dims, new PackFormat(CodeWidth.TwoBits, zeroExact: false) { GroupSize = 64 });
        packed[position] ^= 0x41;
        byte[] scale = Draw(70, 2), mean = Draw(3, 3), inverse = Draw(3, 4);
        var forward = new LayerNormalizationForward(dims, packed, scale, Draw(70, 1), mean, inverse);
        var gradient = new LayerNormalizationGradient(dims, packed, Draw(210, 1), scale, mean, inverse);
        var device = EmulatedCuda.Device;
        foreach (var bytes in (byte[][])[forward.OnDevice(device), .. gradient.OnDevice(device, inPlace: false)])
        {
            var numbers = MemoryMarshal.Cast<byte, float>(bytes).ToArray();
            numbers.Should().NotBeEmpty().And.OnlyContain(number => float.IsNaN(number));
        }
    }

    /// <summary>Compares the device with the CPU, with mean and bias and without.</summary>
    internal static void Check(long[] dims, int columns, PackFormat format)
    {
        var packed = Pack(dims, format);
        var rows = TestTensor.CountOf(dims) / columns;
        foreach (var isFull in new[] { true, false })
        {
            var forward = new LayerNormalizationForward(
                dims, packed, Draw(columns, 1), isFull ? Draw(columns, 2) : null, isFull ? Draw(rows, 3) : null,
                Draw(rows, 4));
            forward.OnDevice(EmulatedCuda.Device).Should().Equal(forward.OnCpu(), "of {0}", format);
        }
    }

    /// <summary>Compares the gradients on the device with the CPU's, with a mean and without.</summary>
    internal static void CheckGradient(long[] dims, int columns, PackFormat format)
    {
        format = format with { GroupAxis = -1 };
        var rows = TestTensor.CountOf(dims) / columns;
        foreach (var mean in new[] { Draw(rows, 3), null })
        {
            var gradient = new LayerNormalizationGradient(
                dims, Pack(dims, format), Draw(TestTensor.CountOf(dims), 6), Draw(columns, 1), mean, Draw(rows, 4));
            var expected = gradient.OnCpu();
            foreach (var inPlace in new[] { false, true })
            {
                var found = gradient.OnDevice(EmulatedCuda.Device, inPlace);
                for (var result = 0; result < expected.Length; result++)
                    found[result].Should().Equal(expected[result], "result {0} of {1}", result, string.Join('x', dims));
            }
        }
    }

    private static byte[] Pack(long[] dims, PackFormat format)
    {
        var x = Draw(TestTensor.CountOf(dims), seed: 5);
        return TestCodec.Pack(KernelTier.Scalar, ElementType.Float32, x, dims, format, TestCodec.Key);
    }

    private static byte[] Draw(int count, int seed) =>
        TestTensor.ToBytes(TestTensor.Draw(count, isRelu: false, seed), ElementType.Float32);
}
