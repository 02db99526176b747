using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>The unpack on a CUDA device: the same values as <see cref="Cpu.UnpackDequant"/>.</summary>
internal static unsafe class CudaUnpackDequant
{
    private const int Warps = 8;
    private const uint Threads = 32 * Warps;

    /// <summary>
    /// Enough blocks for the largest devices; each warp then takes several groups, and what they have in common is
    /// worked out once. A group is taken to have 256 elements here: how many it has is known on the device only.
    /// </summary>
    private const long MostBlocks = 2048;

    /// <summary>
    /// Puts the unpack of a tensor on a stream. The header is read on the device, because the host would have to wait
    /// for it: where it does not agree with type, shape and size, all values are NaN instead of an error.
    /// </summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="type">Type of the elements of <paramref name="y"/>; the packed tensor's.</param>
    /// <param name="packed">A packed tensor on the device, aligned to 8 bytes. Any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="dims">Dimensions of the tensor.</param>
    /// <param name="slice">What is unpacked of it; NaN too where its samples share a row with others.</param>
    /// <param name="y">Room on the device for the slice's elements, aligned to their size; all are written.</param>
    /// <param name="output">What to write.</param>
    /// <exception cref="ArgumentException">The tensor has more dimensions than the kernel takes.</exception>
    /// <exception cref="OperatorException">The driver refuses the launch.</exception>
    public static void Run(
        CudaStream stream, ElementType type, byte* packed, long packedBytes, ReadOnlySpan<long> dims, BatchSlice slice,
        void* y, UnpackOutput output)
    {
        var arguments = new UnpackArguments(packedBytes, dims, slice, output);
        if (arguments.WrittenCount == 0) return;
        var name = CudaElements.NameOf(type);
        stream.Launch(
            $"quantize_{name}", $"unpack_dequant_{name}", BlocksFor(arguments), Threads, arguments, (nint)packed,
            (nint)y);
    }

    /// <summary>
    /// Puts dX = dY where the code of a zero-exact pack is not 0, else 0, on a stream;
    /// <see cref="Cpu.ReluGradFromCodes"/>.
    /// </summary>
    /// <inheritdoc cref="Run"/>
    public static void ReluGradient(
        CudaStream stream, ElementType type, void* dY, ReadOnlySpan<long> dims, byte* packed, long packedBytes,
        void* dX)
    {
        var arguments = new UnpackArguments(packedBytes, dims, UnpackOutput.Nonzero);
        if (arguments.ElementCount == 0) return;
        var name = CudaElements.NameOf(type);
        stream.Launch(
            $"quantize_{name}", $"relu_grad_from_codes_{name}", BlocksFor(arguments), Threads, arguments,
            (nint)dY, (nint)packed, (nint)dX);
    }

    private static long BlocksFor(in UnpackArguments arguments) =>
        Math.Clamp(arguments.WrittenCount / (PackFormat.DefaultGroupSize * Warps) + 1, 1, MostBlocks);
}
