using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck.Contracts;

/// <summary>Batch normalization from packed tensors, and its gradient: planes of one piece and of several.</summary>
internal static unsafe class NormalizationContract
{
    private static readonly long[][] s_shapes =
        [[4, 6, 7, 7], [3, 5, 14, 14], [2, 8, 56, 56], [2, 3, 112, 112], [64, 10]];

    public static void Run(CudaDevice device, ContractResult result)
    {
        foreach (var dims in s_shapes)
        {
            var formats = PackFormats.WithMixed.Where(
                format => format.Rounding == RoundingMode.Dither && !format.ZeroExact);
            foreach (var format in formats)
                Check(device, dims, format with { GroupSize = 64, GroupAxis = dims.Length > 2 ? 2 : -1 }, result);
        }
    }

    /// <summary>Compares the device with the CPU.</summary>
    public static void Check(CudaDevice device, long[] dims, PackFormat format, ContractResult result)
    {
        var count = SampleTensor.CountOf(dims);
        var packed = SampleTensor.Pack(dims, format, isRelu: false);
        var channels = (int)dims[1];
        var statistics = new ChannelStatistics(
            SampleTensor.DrawNumbers(channels, 1), SampleTensor.DrawNumbers(channels, 2),
            [.. SampleTensor.DrawNumbers(channels, 3).Select(x => 0.5f + x * x)]);
        var (bias, dY) = (SampleTensor.DrawNumbers(channels, 4), SampleTensor.DrawNumbers(count, 5));
        var y = new float[count];
        var gradients = (X: new float[count], Scale: new float[channels], Bias: new float[channels]);
        fixed (byte* codes = packed)
        fixed (float* target = y, source = dY, dX = gradients.X, dScale = gradients.Scale, dBias = gradients.Bias)
        {
            var planes = PackedPlanes.OfChannels(KernelTier.Scalar, codes, packed.Length, dims, channels);
            BatchNormalizationFromPacked.Run(
                planes, statistics, bias, default, default, BatchSlice.Whole, null, target, SerialLoop.Instance);
            BatchNormalizationGradFromPacked.Run(
                source, planes, statistics, default, dX, dScale, dBias, SerialLoop.Instance);
        }
        var onDevice = new DeviceNormalization(device, packed, dims, statistics, Mask: null);
        var found = onDevice.Gradient(dY);
        var tensor = $"{string.Join('x', dims)}, {format}";
        result.Compare(onDevice.Forward(bias, addend: null), SampleTensor.BytesOf(y), $"batch normalization, {tensor}");
        var slice = BatchSlice.Create(1, 2);
        var (start, end) = slice.ElementsOf(dims);
        result.Compare(
            onDevice.Forward(bias, addend: null, slice: slice), SampleTensor.BytesOf(y[(int)start..(int)end]),
            $"batch normalization of a slice, {tensor}");
        result.Compare(found[0], SampleTensor.BytesOf(gradients.X), $"batch normalization's gradient, {tensor}");
        result.Compare(found[1], SampleTensor.BytesOf(gradients.Scale), $"batch normalization's dscale, {tensor}");
        result.Compare(found[2], SampleTensor.BytesOf(gradients.Bias), $"batch normalization's dbias, {tensor}");
    }
}
