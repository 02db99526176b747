using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// Batch normalization from a packed float32 tensor on a CUDA device: the same numbers as
/// <see cref="Cpu.Normalization.BatchNormalizationFromPacked"/> and
/// <see cref="Cpu.Normalization.BatchNormalizationGradFromPacked"/>, the gradient's sums included, which are taken in
/// the CPU's order; a NaN may have other bits. Where packed tensor or mask are not what their shape says, all results
/// are NaN instead of an error.
/// </summary>
internal static unsafe class CudaNormalization
{
    private const string Module = "normalization";
    private const uint Threads = 256;

    /// <summary>Elements that a thread block of the forward kernel works on.</summary>
    private const long BlockElements = Threads / 32 * 1024;

    /// <summary>A block adds up one channel.</summary>
    private const uint SumThreads = 512;

    /// <summary>Puts Y = mask ? Z : the bound nearest to Z, Z = X · a + b + addend, on a stream.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="packed">X, packed; aligned to 8 bytes. Any bytes are safe.</param>
    /// <param name="dims">Dimensions of what is packed.</param>
    /// <param name="channels">How many of its channels X has, from the first on.</param>
    /// <param name="statistics">A number per channel each.</param>
    /// <param name="bias">A number per channel.</param>
    /// <param name="mask">Elements that lie within the bounds, aligned to 4 bytes; may be absent.</param>
    /// <param name="bounds">What the others are one of.</param>
    /// <param name="slice">The samples of X and the mask that Y is made of.</param>
    /// <param name="addend">Elements to add, as many as Y has; 0 for none. May be <paramref name="y"/>.</param>
    /// <param name="y">Room for the slice's elements; all are written.</param>
    public static void Forward(
        CudaStream stream, DeviceBytes packed, ReadOnlySpan<long> dims, long channels, ChannelAddresses statistics,
        nint bias, DeviceBytes mask, ClipBounds bounds, BatchSlice slice, nint addend, nint y)
    {
        var arguments = new NormalizationArguments(packed, dims, channels, mask, bounds, slice, addend != 0);
        if (arguments.WrittenCount == 0) return;
        stream.Launch(
            Module, "batch_normalization_from_packed", (arguments.WrittenCount - 1) / BlockElements + 1, Threads,
            arguments,
            packed.Address, statistics.Scale, bias, statistics.Mean, statistics.InverseDeviation,
            Present(mask.Address, packed), Present(addend, packed), y);
    }

    /// <summary>Puts the three gradients on a stream.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="dY">Gradient of Y, as many elements as X has.</param>
    /// <param name="packed">X, packed; aligned to 8 bytes. Any bytes are safe.</param>
    /// <param name="dims">Dimensions of what is packed.</param>
    /// <param name="channels">How many of its channels X has, from the first on.</param>
    /// <param name="statistics">A number per channel each.</param>
    /// <param name="mask">Elements of <paramref name="dY"/> that count, aligned to 4 bytes; may be absent.</param>
    /// <param name="dX">Room for the gradient of X; all elements are written. May be <paramref name="dY"/>.</param>
    /// <param name="dScale">Room for a number per channel.</param>
    /// <param name="dBias">Room for a number per channel.</param>
    public static void Gradient(
        CudaStream stream, nint dY, DeviceBytes packed, ReadOnlySpan<long> dims, long channels,
        ChannelAddresses statistics, DeviceBytes mask, nint dX, nint dScale, nint dBias)
    {
        var arguments = new NormalizationArguments(
            packed, dims, channels, mask, default, BatchSlice.Whole, hasAddend: false);
        if (arguments.Channels == 0) return;
        var isEmpty = arguments.Elements == 0;
        stream.Launch(
            Module, "batch_normalization_grad_from_packed", arguments.Channels, SumThreads, arguments,
            isEmpty ? packed.Address : dY, packed.Address, statistics.Scale, statistics.Mean,
            statistics.InverseDeviation, Present(mask.Address, packed), dScale, dBias, isEmpty ? packed.Address : dX);
    }

    /// <summary>Every parameter of a kernel is an address; that of an absent buffer is not used.</summary>
    private static nint Present(nint address, DeviceBytes other) => address != 0 ? address : other.Address;
}
