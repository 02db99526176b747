using System.Runtime.InteropServices;
using FluentAssertions;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.GpuCheck;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>
/// Batch normalization in training is on the device the CPU's in every bit, the processor's roots included.
/// </summary>
public sealed class CudaBatchNormalizationInPlaceTests
{
    public CudaBatchNormalizationInPlaceTests() => EmulatedCuda.Require();

    /// <summary>
    /// Channels in and out of packets; planes of no packet, of one, of an odd number; more samples than a block has
    /// teams.
    /// </summary>
    [Theory]
    [InlineData("2x8x7x7")]
    [InlineData("5x13x3x3")]
    [InlineData("70x5")]
    [InlineData("40x6x1x9")]
    [InlineData("1x1x1x1")]
    [InlineData("2x3x2x1")]
    [InlineData("3x7x3x1")]
    [InlineData("2x5x1x5")]
    [InlineData("2x6x2x4")]
    [InlineData("1x4x40x40")]
    [InlineData("2x6x4x15")]
    [InlineData("0x5x3x3")]
    [InlineData("2x0x3")]
    public void Results_are_those_of_the_CPU(string shape)
    {
        foreach (var content in Enum.GetValues<Content>())
        {
            for (var offset = 0; offset < 4; offset++) Check(shape, content, epsilon: 1e-5f, momentum: 0.9f, offset);
        }
    }

    [Theory]
    [InlineData(0f, 0.1f)]
    [InlineData(1e-3f, 0.99f)]
    [InlineData(float.PositiveInfinity, 0.5f)]
    public void Constants_of_all_sizes_are_the_CPU_s_too(float epsilon, float momentum)
    {
        foreach (var content in Enum.GetValues<Content>()) Check("3x6x5x5", content, epsilon, momentum, offset: 0);
    }

    /// <summary>Compares the device with the CPU, beside the inputs and over them.</summary>
    internal static void Check(
        string shape, Content content = Content.Usual, float epsilon = 1e-5f, float momentum = 0.9f, int offset = 0)
    {
        long[] dims = [.. shape.Split('x').Select(long.Parse)];
        var random = new Random(3);
        var planeElements = TestTensor.CountOf(dims.Skip(2));
        var x = new float[TestTensor.CountOf(dims)];
        for (var i = 0; i < x.Length; i++) x[i] = Draw(random, content, i / planeElements % dims[1]);
        var normalization = new InPlaceNormalization(
            dims, x, [Numbers(), Numbers(), Numbers(), Numbers()], epsilon, momentum, offset);
        var expected = normalization.OnCpu().Select(Bits).ToArray();
        foreach (var inPlace in new[] { false, true })
        {
            var found = normalization.OnDevice(EmulatedCuda.Device, inPlace);
            for (var result = 0; result < expected.Length; result++)
                Bits(found[result]).Should().Equal(expected[result], "result {0} of {1} values", result, content);
        }

        float[] Numbers() => [.. Enumerable.Range(0, (int)dims[1]).Select(_ => random.NextSingle() + 0.1f)];
    }

    private static float Draw(Random random, Content content, long channel) => content switch
    {
        Content.Usual => 3 * (random.NextSingle() - 0.3f) + channel,
        Content.Outliers => (random.NextSingle() - 0.5f) * (random.Next(50) == 0 ? 1e6f : 1),
        Content.FarFromZero => 1000 + 0.01f * random.NextSingle(),
        Content.Tiny => 1e-20f * random.NextSingle(),
        Content.Large => 1e19f * (random.NextSingle() - 0.5f),
        Content.NotANumber => random.Next(7) == 0 && channel % 3 == 1 ? float.NaN : random.NextSingle(),
        _ => channel % 3 - 1,
    };

    private static int[] Bits(byte[] numbers) =>
        [.. MemoryMarshal.Cast<byte, float>(numbers).ToArray().Select(x => float.IsNaN(x) ? int.MinValue : Bits(x))];

    private static int Bits(float number) => BitConverter.SingleToInt32Bits(number);

    internal enum Content
    {
        Usual,
        Outliers,
        FarFromZero,
        Tiny,
        Large,
        Constant,
        NotANumber,
    }
}
