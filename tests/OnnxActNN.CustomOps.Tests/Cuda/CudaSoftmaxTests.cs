using FluentAssertions;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Tests.Cpu;
using OnnxActNN.Format;
using OnnxActNN.GpuCheck;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Cuda;

/// <summary>The gradient of softmax from packed weights is on the device what it is on the CPU.</summary>
public sealed unsafe class CudaSoftmaxTests
{
    public CudaSoftmaxTests() => EmulatedCuda.Require();

    [Theory]
    [InlineData(CodeGrid.Uniform, RoundingMode.Dither)]
    [InlineData(CodeGrid.Squared, RoundingMode.Stochastic)]
    public void Gradients_are_those_of_the_CPU_beside_and_over_dY(CodeGrid grid, RoundingMode rounding)
    {
        foreach (var width in CodeWidths.All)
        {
            foreach (var dims in (long[][])[[2, 3, 50, 50], [4, 700], [5, 1], [0, 3]])
                Check(
                    dims, new PackFormat(width, zeroExact: false) { Grid = grid, Rounding = rounding, GroupSize = 64 });
        }
    }

    /// <summary>Compares the device with the CPU.</summary>
    internal static void Check(long[] dims, PackFormat format)
    {
        var device = EmulatedCuda.Device;
        var count = TestTensor.CountOf(dims);
        var weights = TestTensor.ToBytes(TestTensor.Draw(count, isRelu: true, seed: 3), ElementType.Float32);
        var packed = TestCodec.Pack(KernelTier.Scalar, ElementType.Float32, weights, dims, format, TestCodec.Key);
        var dY = TestTensor.ToBytes(TestTensor.Draw(count, isRelu: false, seed: 4), ElementType.Float32);
        var sums = TestTensor.ToBytes(
            TestTensor.Draw(count / (int)dims[^1], isRelu: false, seed: 5), ElementType.Float32);
        var expected = new byte[dY.Length];
        fixed (byte* gradient = dY, codes = packed, rows = sums, target = expected)
        {
            SoftmaxGradFromPacked.Run(
                KernelTier.Scalar, (float*)gradient, dims, codes, packed.Length, (float*)rows, (float*)target,
                SerialLoop.Instance);
        }
        var found = DeviceCall.Run(device, [dY, packed, sums], [dY.Length, dY.Length], (given, written) =>
        {
            CudaSoftmax.Gradient(
                device.Stream, (void*)given[0], dims, (byte*)given[1], packed.Length, (void*)given[2],
                (void*)written[0]);
            CudaSoftmax.Gradient(
                device.Stream, (void*)given[0], dims, (byte*)given[1], packed.Length, (void*)given[2], (void*)given[0]);
            device.Stream.Copy((void*)written[1], (void*)given[0], dY.Length);
        });
        found[0].Should().Equal(expected);
        found[1].Should().Equal(expected);
    }
}
