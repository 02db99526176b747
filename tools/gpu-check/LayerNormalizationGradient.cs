using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.GpuCheck;

/// <summary>
/// The gradient of layer normalization from a packed tensor, on the CPU and on the device; all tensors are the host's,
/// float32.
/// </summary>
/// <param name="dims">Dimensions of X.</param>
/// <param name="packed">X.</param>
/// <param name="dY">Gradient of Y.</param>
/// <param name="scale">A number per column.</param>
/// <param name="mean">A number per row; null for a normalization by the root mean square.</param>
/// <param name="inverseDeviation">A number per row.</param>
internal sealed unsafe class LayerNormalizationGradient(
    long[] dims, byte[] packed, byte[] dY, byte[] scale, byte[]? mean, byte[] inverseDeviation)
{
    /// <summary>dX, dscale and dbias.</summary>
    public byte[][] OnCpu()
    {
        byte[][] results = [new byte[dY.Length], new byte[scale.Length], new byte[scale.Length]];
        fixed (byte* codes = packed, source = dY, ofScale = scale, ofMean = mean, inverse = inverseDeviation)
        fixed (byte* dX = results[0], dScale = results[1], dBias = results[2])
        {
            var rows = inverseDeviation.Length / sizeof(float);
            var x = PackedPlanes.OfRows(KernelTier.Scalar, codes, packed.Length, dims, rows);
            var statistics = new RowStatistics((float*)ofScale, (float*)inverse, (float*)ofMean);
            LayerNormalizationGradFromPacked.Run(
                (float*)source, x, statistics, (float*)dX, (float*)dScale, (float*)dBias, SerialLoop.Instance);
        }
        return results;
    }

    /// <summary>The same.</summary>
    /// <param name="device">Where.</param>
    /// <param name="inPlace">Whether dX is written over dY.</param>
    public byte[][] OnDevice(CudaDevice device, bool inPlace)
    {
        byte[]?[] sources = [packed, dY, scale, mean, inverseDeviation];
        return DeviceCall.Run(device, sources, [dY.Length, scale.Length, scale.Length], (given, written) =>
        {
            var dX = inPlace ? given[1] : written[0];
            CudaLayerNormalization.Gradient(
                device.Stream, given[1], new DeviceBytes(given[0], packed.Length), dims, scale.Length / sizeof(float),
                new RowAddresses(given[2], Bias: 0, given[3], given[4]), dX, written[1], written[2]);
            if (inPlace) device.Stream.Copy((void*)written[0], (void*)dX, dY.Length);
        });
    }
}
