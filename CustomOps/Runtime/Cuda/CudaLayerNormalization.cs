namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// Layer normalization from a packed float32 tensor on a CUDA device: the same numbers as
/// <see cref="Cpu.Normalization.LayerNormalizationFromPacked"/>; a NaN may have other bits. A buffer that is no pack of that shape gives
/// NaN instead of an error.
/// </summary>
internal static class CudaLayerNormalization
{
    private const uint Threads = 256;
    private const long BlockElements = Threads / 32 * 1024;

    /// <summary>Puts Y = (X − mean) · inv_std · scale + bias on a stream.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="packed">X, packed; aligned to 8 bytes. Any bytes are safe.</param>
    /// <param name="dims">Dimensions of X.</param>
    /// <param name="columns">Elements of a row, which divide those of X.</param>
    /// <param name="statistics">Numbers per column and row.</param>
    /// <param name="y">Room for as many elements as X has; all are written.</param>
    public static void Forward(
        CudaStream stream, DeviceBytes packed, ReadOnlySpan<long> dims, long columns, RowAddresses statistics, nint y)
    {
        var arguments = new LayerNormalizationArguments(packed, dims, columns, statistics.Mean != 0, statistics.Bias != 0);
        if (arguments.Tensor.ElementCount == 0) return;
        stream.Launch(
            "layer_normalization", "layer_normalization_from_packed", (arguments.Tensor.ElementCount - 1) / BlockElements + 1, Threads,
            arguments, packed.Address, statistics.Scale, Present(statistics.Bias), Present(statistics.Mean),
            statistics.InverseDeviation, y);

        // Every parameter of a kernel is an address; that of absent numbers is not used.
        nint Present(nint address) => address != 0 ? address : packed.Address;
    }
}
