using OnnxActNN.CustomOps.Cpu.Normalization;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// Batch normalization in training on a CUDA device: the same numbers as <see cref="BatchNormalizationInPlace"/> on the
/// host's processor, for tensors that lie alike between addresses that are multiples of 16; a NaN may have other bits.
/// </summary>
/// <remarks>
/// Where the processor's estimate of a root depends on more than <see cref="RootEstimates"/> tabulates, the device
/// takes the exact root for all channels, which differs in the last bits.
/// </remarks>
internal static unsafe class CudaBatchNormalizationInPlace
{
    /// <summary>A block has one channel.</summary>
    private const uint Threads = 256;

    /// <summary>Puts the normalization on a stream.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="shape">Sizes of X.</param>
    /// <param name="x">X.</param>
    /// <param name="channels">Numbers per channel, read and written; all on the device.</param>
    /// <param name="y">Room for as many elements as X has; may be <paramref name="x"/>.</param>
    public static void Run(CudaStream stream, PlaneShape shape, float* x, NormalizationChannels channels, float* y)
    {
        if (shape.Channels == 0) return;
        // Every parameter of a kernel is an address; those of no elements, and of no table, are not used.
        var scale = (nint)channels.Scale;
        var estimates = RootEstimates.Table.Length > 0 ? stream.Table(RootEstimates.Table) : scale;
        var isEmpty = shape.Samples * shape.PlaneLength == 0;
        var (source, target) = isEmpty ? (scale, scale) : ((nint)x, (nint)y);
        stream.Launch(
            "batch_normalization_in_place", "batch_normalization_in_place", shape.Channels, Threads,
            new BatchNormalizationInPlaceArguments(shape, channels), source, scale, (nint)channels.Bias,
            (nint)channels.RunningMean, (nint)channels.RunningVariance, estimates, (nint)channels.NewRunningMean,
            (nint)channels.NewRunningVariance, (nint)channels.Mean, (nint)channels.InverseDeviation, target);
    }
}
