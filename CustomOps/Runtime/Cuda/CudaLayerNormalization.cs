namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// Layer normalization from a packed float32 tensor on a CUDA device: the same numbers as
/// <see cref="Cpu.Normalization.LayerNormalizationFromPacked"/> and
/// <see cref="Cpu.Normalization.LayerNormalizationGradFromPacked"/>, the gradient's sums included, which are taken in
/// the CPU's order; a NaN may have other bits. A buffer that is no pack of that shape gives NaN instead of an error.
/// </summary>
internal static class CudaLayerNormalization
{
    private const uint Threads = 256;
    private const long BlockElements = Threads / 32 * 1024;

    /// <summary>A block of the gradient's kernels has so many rows, or columns.</summary>
    private const int BlockRows = 16;

    private const int BlockColumns = 8;

    private const string GradientModule = "layer_normalization_gradient";

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
        var arguments = new LayerNormalizationArguments(
            packed, dims, columns, statistics.Mean != 0, statistics.Bias != 0);
        if (arguments.Tensor.ElementCount == 0) return;
        stream.Launch(
            "layer_normalization", "layer_normalization_from_packed",
            (arguments.Tensor.ElementCount - 1) / BlockElements + 1, Threads, arguments, packed.Address,
            statistics.Scale,
            Present(statistics.Bias, packed), Present(statistics.Mean, packed), statistics.InverseDeviation, y);
    }

    /// <summary>Puts the three gradients on a stream.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="dY">Gradient of Y, as many elements as X has.</param>
    /// <param name="packed">X, packed; aligned to 8 bytes. Any bytes are safe.</param>
    /// <param name="dims">Dimensions of X.</param>
    /// <param name="columns">Elements of a row, which divide those of X.</param>
    /// <param name="statistics">Numbers per column and row; without a bias.</param>
    /// <param name="dX">Room for the gradient of X; all elements are written. May be <paramref name="dY"/>.</param>
    /// <param name="dScale">Room for a number per column.</param>
    /// <param name="dBias">Room for a number per column.</param>
    public static void Gradient(
        CudaStream stream, nint dY, DeviceBytes packed, ReadOnlySpan<long> dims, long columns, RowAddresses statistics,
        nint dX, nint dScale, nint dBias)
    {
        if (columns == 0) return;
        var arguments = new LayerNormalizationArguments(packed, dims, columns, statistics.Mean != 0, hasBias: false);
        var rows = arguments.Tensor.ElementCount / columns;
        var (mean, inverse) = (Present(statistics.Mean, packed), Present(statistics.InverseDeviation, packed));
        // The sums of columns first: dX may be written over dY.
        stream.Launch(
            GradientModule, "layer_normalization_column_gradients", (columns - 1) / BlockColumns + 1, Threads,
            arguments, Present(dY, packed), packed.Address, mean, inverse, dScale, dBias);
        if (rows == 0) return;
        stream.Launch(
            GradientModule, "layer_normalization_grad_from_packed", (rows - 1) / BlockRows + 1, Threads, arguments,
            dY, packed.Address, statistics.Scale, mean, inverse, dX);
    }

    /// <summary>Every parameter of a kernel is an address; that of absent numbers is not used.</summary>
    private static nint Present(nint address, DeviceBytes other) => address != 0 ? address : other.Address;
}
