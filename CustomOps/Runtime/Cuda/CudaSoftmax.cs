namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// The gradient of softmax from packed weights on a CUDA device: the same numbers as
/// <see cref="Cpu.SoftmaxGradFromPacked"/>; a NaN may have other bits. A buffer that is no pack of that shape gives NaN
/// instead of an error.
/// </summary>
internal static unsafe class CudaSoftmax
{
    private const uint Threads = 256;
    private const long BlockElements = Threads / 32 * 1024;

    /// <summary>Puts dX = P · (dY − sum) on a stream; dX may be dY.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="dY">The gradient of P.</param>
    /// <param name="dims">Dimensions of P.</param>
    /// <param name="packed">P, packed, float32; aligned to 8 bytes. Any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="sums">One number for each row of P.</param>
    /// <param name="dX">Room for all elements; all are written.</param>
    public static void Gradient(
        CudaStream stream, void* dY, ReadOnlySpan<long> dims, byte* packed, long packedBytes, void* sums, void* dX)
    {
        var arguments = new SoftmaxArguments(packedBytes, dims);
        if (arguments.Tensor.ElementCount == 0) return;
        stream.Launch(
            "softmax", "softmax_grad_from_packed", (arguments.Tensor.ElementCount - 1) / BlockElements + 1, Threads,
            arguments, (nint)dY, (nint)packed, (nint)sums, (nint)dX);
    }
}
