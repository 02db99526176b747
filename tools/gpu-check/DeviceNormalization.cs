using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck;

/// <summary>Batch normalization from packed tensors on the device, with all tensors of the host.</summary>
/// <param name="Device">Where.</param>
/// <param name="Packed">X.</param>
/// <param name="Dims">Its dimensions.</param>
/// <param name="Statistics">Numbers per channel.</param>
/// <param name="Mask">A packed mask; null for none.</param>
internal sealed record DeviceNormalization(
    CudaDevice Device, byte[] Packed, long[] Dims, ChannelStatistics Statistics, byte[]? Mask)
{
    private long Channels => Statistics.Scale.Length;

    private long Elements => ElementsOf(Dims);

    /// <summary>Y of a slice of the samples or of all, written over the addend where there is one.</summary>
    public byte[] Forward(float[] bias, float[]? addend, ClipBounds bounds = default, BatchSlice? slice = null)
    {
        var part = slice ?? BatchSlice.Whole;
        var sources = Sources(bias);
        var y = addend is null
            ? new byte[ElementsOf(part.DimensionsOf(Dims)) * sizeof(float)]
            : SampleTensor.BytesOf(addend);
        var results = DeviceCall.Run(Device, sources, [y.Length], (given, written) =>
        {
            WriteTo(written[0], y);
            CudaNormalization.Forward(
                Device.Stream, new DeviceBytes(given[0], Packed.Length), Dims, Channels,
                new ChannelAddresses(given[2], given[3], given[4]),
                given[5], new DeviceBytes(given[1], Mask?.Length ?? 0), bounds, part, addend is null ? 0 : written[0],
                written[0]);
        });
        return results[0];
    }

    /// <summary>dX, dscale and dbias.</summary>
    public byte[][] Gradient(float[] dY) => DeviceCall.Run(
        Device, Sources(dY), [Elements * sizeof(float), Channels * sizeof(float), Channels * sizeof(float)],
        (given, written) =>
            CudaNormalization.Gradient(
                Device.Stream, given[5], new DeviceBytes(given[0], Packed.Length), Dims, Channels,
                new ChannelAddresses(given[2], given[3], given[4]),
                new DeviceBytes(given[1], Mask?.Length ?? 0), written[0], written[1], written[2]));

    private byte[]?[] Sources(float[] last) =>
    [
        Packed, Mask, SampleTensor.BytesOf(Statistics.Scale), SampleTensor.BytesOf(Statistics.Mean),
        SampleTensor.BytesOf(Statistics.InverseDeviation), SampleTensor.BytesOf(last),
    ];

    private long ElementsOf(long[] dims) =>
        dims[1] == 0 ? 0 : SampleTensor.CountOf(dims) / dims[1] * Channels;

    private unsafe void WriteTo(nint address, byte[] bytes)
    {
        if (bytes.Length > 0) Device.CopyToDevice((byte*)address, bytes);
    }
}
