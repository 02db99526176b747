using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.GpuCheck;

/// <summary>
/// The gradient of layer normalization from a packed tensor, on the CPU and on the device; all tensors are the host's,
/// float32.
/// </summary>
/// <param name="Dims">Dimensions of X.</param>
/// <param name="Packed">X.</param>
/// <param name="DY">Gradient of Y.</param>
/// <param name="Scale">A number per column.</param>
/// <param name="Mean">A number per row; null for a normalization by the root mean square.</param>
/// <param name="InverseDeviation">A number per row.</param>
internal sealed unsafe record LayerNormalizationGradient(
    long[] Dims, byte[] Packed, byte[] DY, byte[] Scale, byte[]? Mean, byte[] InverseDeviation)
{
    private long Rows => InverseDeviation.Length / sizeof(float);

    /// <summary>dX, dscale and dbias.</summary>
    public byte[][] OnCpu()
    {
        byte[][] results = [new byte[DY.Length], new byte[Scale.Length], new byte[Scale.Length]];
        fixed (byte* codes = Packed, dY = DY, scale = Scale, mean = Mean, inverse = InverseDeviation)
        fixed (byte* dX = results[0], dScale = results[1], dBias = results[2])
        {
            var x = PackedPlanes.OfRows(KernelTier.Scalar, codes, Packed.Length, Dims, Rows);
            var statistics = new RowStatistics((float*)scale, (float*)inverse, (float*)mean);
            LayerNormalizationGradFromPacked.Run(
                (float*)dY, x, statistics, (float*)dX, (float*)dScale, (float*)dBias, SerialLoop.Instance);
        }
        return results;
    }

    /// <summary>The same.</summary>
    /// <param name="device">Where.</param>
    /// <param name="inPlace">Whether dX is written over dY.</param>
    public byte[][] OnDevice(CudaDevice device, bool inPlace)
    {
        byte[]?[] sources = [Packed, DY, Scale, Mean, InverseDeviation];
        return DeviceCall.Run(device, sources, [DY.Length, Scale.Length, Scale.Length], (given, written) =>
        {
            var dX = inPlace ? given[1] : written[0];
            CudaLayerNormalization.Gradient(
                device.Stream, given[1], new DeviceBytes(given[0], Packed.Length), Dims, Scale.Length / sizeof(float),
                new RowAddresses(given[2], Bias: 0, given[3], given[4]), dX, written[1], written[2]);
            if (inPlace) device.Stream.Copy((void*)written[0], (void*)dX, DY.Length);
        });
    }
}
