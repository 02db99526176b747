using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.GpuCheck;

/// <summary>
/// Layer normalization from a packed tensor, on the CPU and on the device; all tensors are the host's, float32.
/// </summary>
/// <param name="dims">Dimensions of X.</param>
/// <param name="packed">X.</param>
/// <param name="scale">A number per column.</param>
/// <param name="bias">A number per column; null for none.</param>
/// <param name="mean">A number per row; null for a normalization by the root mean square.</param>
/// <param name="inverseDeviation">A number per row.</param>
internal sealed unsafe class LayerNormalizationForward(
    long[] dims, byte[] packed, byte[] scale, byte[]? bias, byte[]? mean, byte[] inverseDeviation)
{
    private readonly int _bytes = sizeof(float) * SampleTensor.CountOf(dims);

    /// <summary>Y.</summary>
    public byte[] OnCpu()
    {
        var y = new byte[_bytes];
        fixed (byte* codes = packed, target = y)
        fixed (byte* ofScale = scale, ofBias = bias, ofMean = mean, inverse = inverseDeviation)
        {
            var rows = inverseDeviation.Length / sizeof(float);
            var x = PackedPlanes.OfRows(KernelTier.Scalar, codes, packed.Length, dims, rows);
            var statistics = new RowStatistics((float*)ofScale, (float*)inverse, (float*)ofMean);
            LayerNormalizationFromPacked.Run(x, statistics, (float*)ofBias, (float*)target, SerialLoop.Instance);
        }
        return y;
    }

    /// <summary>The same.</summary>
    public byte[] OnDevice(CudaDevice device)
    {
        byte[]?[] sources = [packed, scale, bias, mean, inverseDeviation];
        return DeviceCall.Run(device, sources, [_bytes], (given, written) => CudaLayerNormalization.Forward(
            device.Stream, new DeviceBytes(given[0], packed.Length), dims, scale.Length / sizeof(float),
            new RowAddresses(given[1], given[2], given[3], given[4]), written[0]))[0];
    }
}
