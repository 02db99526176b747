using System.Runtime.InteropServices;
using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using OnnxActNN.GpuCheck;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>Batch normalization from packed tensors on the device is the CPU's in every bit, sums included.</summary>
public sealed class CudaNormalizationTests
{
    public CudaNormalizationTests() => EmulatedCuda.Require();

    public static TheoryData<string, string> Cases => NormalizationTests.Cases;

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_and_gradients_are_those_of_the_CPU(string shape, string format) =>
        Check(new NormalizationCase(shape, format));

    [Fact]
    public void Every_width_is_read()
    {
        foreach (var width in CodeWidths.All)
        {
            Check(new NormalizationCase("2x3x9x9", "row 50", width));
            if (width != CodeWidth.OneBit)
                Check(new NormalizationCase("2x3x9x9", "row 50 eight", width, zeroExact: true));
        }
    }

    [Fact]
    public void A_group_that_could_not_be_packed_is_NaN_and_its_neighbours_are_not()
    {
        var test = new NormalizationCase("2x3x9x9", "row 50");
        const int MetadataOfSecondPlane = PackedHeader.Size + (2 * 2 * 2);
        BitConverter.TryWriteBytes(test.Packed.AsSpan(MetadataOfSecondPlane), 0x7fc07fc0).Should().BeTrue();
        var y = MemoryMarshal.Cast<byte, float>(On(test, masked: false).Forward(test.Bias, null)).ToArray();
        y.Select(float.IsNaN).Should().Equal(Enumerable.Range(0, y.Length).Select(i => i is >= 81 and < 122));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(13, false)]
    [InlineData(48, false)]
    [InlineData(1, true)]
    [InlineData(31, true)]
    public void A_buffer_that_is_not_what_the_shape_says_gives_NaN(int position, bool isMask)
    {
        var test = new NormalizationCase("2x3x9x9", "row 50");
        var device = On(test, masked: true);
        (isMask ? device.Mask! : device.Packed)[position] ^= 0x41;
        foreach (var result in (byte[][])[device.Forward(test.Bias, test.Other), .. device.Gradient(test.Other)])
            MemoryMarshal.Cast<byte, float>(result).ToArray().Should()
                .NotBeEmpty().And.OnlyContain(number => float.IsNaN(number));
    }

    [Fact]
    public void A_tensor_without_channels_is_refused()
    {
        var create = () =>
            new NormalizationArguments(
                new DeviceBytes(8, 64), [5], 5, default, default, BatchSlice.Whole, hasAddend: false);
        create.Should().Throw<ArgumentException>().WithMessage("*rank 1*");
    }

    [Theory]
    [InlineData("2x7x28x28", "row 64", 3)]
    [InlineData("3x5x7x7", "row 256", 4)]
    [InlineData("3x5x3x3", "row 64 eight", 2)]
    [InlineData("4x6x2x2", "flat 256", 5)]
    [InlineData("2x40x1x1", "row 64", 1)]
    public void The_first_channels_are_read_as_if_they_were_all(string shape, string format, int channels) =>
        Check(new NormalizationCase(shape, format, channels: channels));

    [Theory]
    [MemberData(nameof(NormalizationTests.SlicedCases), MemberType = typeof(NormalizationTests))]
    public void A_slice_is_that_of_the_CPU(string shape, string format, int? channels) =>
        CheckSlices(new NormalizationCase(shape, format, channels: channels));

    [Fact]
    public void Samples_that_share_a_row_give_NaN_from_the_unpack()
    {
        var test = new NormalizationCase("5x3x2x2", "row 64");
        var y = TestCodec.Unpack(
            new CudaBinding(), ElementType.Float32, test.Packed, test.Dims, BatchSlice.Create(0, 2));
        MemoryMarshal.Cast<byte, float>(y).ToArray().Should()
            .HaveCount(2 * 12).And.OnlyContain(value => float.IsNaN(value));
    }

    /// <summary>Compares slices with the CPU.</summary>
    internal static void CheckSlices(NormalizationCase test)
    {
        foreach (var slice in NormalizationTests.SlicesOf(2).Concat(NormalizationTests.SlicesOf(9)))
        {
            foreach (var masked in new[] { false, true })
            {
                var addend = masked ? test.OfSlice(test.Other, slice).ToArray() : null;
                var expected = test.Forward(masked, added: masked, SerialLoop.Instance, slice: slice);
                On(test, masked).Forward(test.Bias, addend, slice: slice)
                    .Should().Equal(SampleTensor.BytesOf(expected), "{0}", slice);
            }
        }
    }

    [Fact]
    public void Elements_outside_get_the_nearer_bound()
    {
        var test = new NormalizationCase("2x3x9x9", "row 50");
        var bounds = new ClipBounds(-0.25f, 0.5f);
        var expected = test.Forward(masked: true, added: false, SerialLoop.Instance, bounds);
        On(test, masked: true).Forward(test.Bias, null, bounds).Should().Equal(SampleTensor.BytesOf(expected));
    }

    /// <summary>Compares the device with the CPU.</summary>
    internal static void Check(NormalizationCase test)
    {
        foreach (var masked in new[] { false, true })
        {
            foreach (var added in new[] { false, true })
            {
                On(test, masked).Forward(test.Bias, added ? test.Other : null)
                    .Should().Equal(SampleTensor.BytesOf(test.Forward(masked, added, SerialLoop.Instance)));
            }
            var (dX, dScale, dBias) = test.Gradient(masked, inPlace: false, SerialLoop.Instance);
            var found = On(test, masked).Gradient(test.Other);
            found[0].Should().Equal(SampleTensor.BytesOf(dX));
            found[1].Should().Equal(SampleTensor.BytesOf(dScale));
            found[2].Should().Equal(SampleTensor.BytesOf(dBias));
        }
    }

    private static DeviceNormalization On(NormalizationCase test, bool masked) =>
        new(EmulatedCuda.Device, test.Packed, test.Dims, test.Statistics, masked ? MaskOf(test) : null);

    private static byte[] MaskOf(NormalizationCase test)
    {
        var header = new byte[MaskFormat.HeaderSize];
        MaskFormat.WriteHeader(header, test.Other.Length);
        return [.. header, .. test.Mask];
    }
}
