using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;

namespace OnnxActNN.GpuCheck;

/// <summary>Batch normalization in training of a tensor of the host, on the CPU and on the device.</summary>
/// <param name="dims">Dimensions of X.</param>
/// <param name="x">X.</param>
/// <param name="channels">Four numbers per channel: scale, bias, running mean and variance.</param>
/// <param name="epsilon">Added to the variance.</param>
/// <param name="momentum">Share of the running numbers that stays.</param>
/// <param name="offset">How many elements behind an address that is a multiple of 16 X begins.</param>
internal sealed unsafe class InPlaceNormalization(
    long[] dims, float[] x, float[][] channels, float epsilon = 1e-5f, float momentum = 0.9f, int offset = 0)
{
    private const nuint PacketBytes = 16;

    private readonly PlaneShape _shape = PlaneShape.Of(dims);

    private long Skipped => offset * sizeof(float);

    private long ChannelBytes => _shape.Channels * sizeof(float);

    private long Bytes => x.LongLength * sizeof(float);

    /// <summary>Of Y, the running mean and variance, the batch's mean and inverse deviation.</summary>
    private long[] ResultBytes => [Bytes, ChannelBytes, ChannelBytes, ChannelBytes, ChannelBytes];

    /// <summary>Y, the running mean and variance, the batch's mean and inverse deviation.</summary>
    public byte[][] OnCpu()
    {
        var results = Array.ConvertAll(ResultBytes, bytes => new byte[bytes]);
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)(Skipped + Bytes), PacketBytes);
        x.CopyTo(new Span<float>(memory + Skipped, x.Length));
        fixed (float* scale = channels[0], bias = channels[1], mean = channels[2], variance = channels[3])
        fixed (byte* y = results[0], newMean = results[1], newVariance = results[2], batchMean = results[3])
        fixed (byte* inverse = results[4])
        {
            nint[] numbers = [(nint)scale, (nint)bias, (nint)mean, (nint)variance];
            nint[] written = [(nint)newMean, (nint)newVariance, (nint)batchMean, (nint)inverse];
            BatchNormalizationInPlace.Run(
                _shape, (float*)(memory + Skipped), Channels(numbers, written), (float*)y, SerialLoop.Instance);
        }
        NativeMemory.AlignedFree(memory);
        return results;
    }

    /// <summary>The same.</summary>
    /// <param name="device">Where.</param>
    /// <param name="inPlace">Whether Y is written over X, and the running numbers over those that come in.</param>
    public byte[][] OnDevice(CudaDevice device, bool inPlace)
    {
        var source = new byte[Skipped + Bytes];
        SampleTensor.BytesOf(x).CopyTo(source, Skipped);
        byte[][] sources = [source, .. channels.Select(SampleTensor.BytesOf)];
        return DeviceCall.Run(device, sources, ResultBytes, (given, written) =>
        {
            var first = given[0] + (nint)Skipped;
            nint[] targets = inPlace
                ? [first, given[3], given[4], written[3], written[4]]
                : [written[0], written[1], written[2], written[3], written[4]];
            var numbers = Channels([given[1], given[2], given[3], given[4]], targets[1..]);
            CudaBatchNormalizationInPlace.Run(device.Stream, _shape, (float*)first, numbers, (float*)targets[0]);
            for (var result = 0; result < targets.Length; result++)
            {
                if (targets[result] != written[result])
                    device.Stream.Copy((void*)written[result], (void*)targets[result], ResultBytes[result]);
            }
        });
    }

    private NormalizationChannels Channels(nint[] numbers, nint[] written) => new()
    {
        Scale = (float*)numbers[0],
        Bias = (float*)numbers[1],
        RunningMean = (float*)numbers[2],
        RunningVariance = (float*)numbers[3],
        NewRunningMean = (float*)written[0],
        NewRunningVariance = (float*)written[1],
        Mean = (float*)written[2],
        InverseDeviation = (float*)written[3],
        Epsilon = epsilon,
        Momentum = momentum,
    };
}
