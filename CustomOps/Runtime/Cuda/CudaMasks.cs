using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// Masks on a CUDA device: the same bits as <see cref="MaskPack"/>, <see cref="MaskUnpack"/> and
/// <see cref="MaskGradient"/>. All buffers are on the device, masks aligned to 4 bytes. A mask's header is checked on
/// the device, because the host would have to wait for it: a buffer that is no mask of so many elements unpacks to 0
/// and gives gradients of NaN instead of an error.
/// </summary>
internal static unsafe class CudaMasks
{
    private const string Module = "masks";
    private const uint Threads = 256;
    private const int ElementsOfThread = 8;

    /// <summary>Puts a MaskPack on a stream.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="elementBytes">Size of an element: 1 (bool), 2, 4 or 8.</param>
    /// <param name="x">The elements.</param>
    /// <param name="count">Elements.</param>
    /// <param name="range">The test.</param>
    /// <param name="packed"><see cref="MaskFormat.BytesOf"/> bytes; all are written.</param>
    public static void Pack(
        CudaStream stream, int elementBytes, void* x, long count, in KeyRange range, byte* packed) =>
        stream.Launch(
            Module, $"mask_pack_{8 * elementBytes}", BlocksFor(count), Threads, new MaskPackArguments(count, range),
            (nint)x, (nint)packed);

    /// <summary>Puts a MaskUnpack on a stream; y has a byte for each element.</summary>
    public static void Unpack(CudaStream stream, byte* packed, long packedBytes, byte* y, long count)
    {
        if (count == 0) return;
        stream.Launch(
            Module, "mask_unpack", BlocksFor(count), Threads, new MaskArguments(count, packedBytes), (nint)packed,
            (nint)y);
    }

    /// <summary>Puts dX = dY where the bit is 1, else 0, on a stream.</summary>
    public static void KeepOrZero(
        CudaStream stream, ElementType type, void* dY, long count, byte* packed, long packedBytes, void* dX) =>
        Gradient(stream, "mask_keep", type, dY, packed, dX, new MaskArguments(count, packedBytes));

    /// <summary>Puts dX = dY · kept / divisor where the bit is 1, else dY · dropped / divisor, on a stream.</summary>
    public static void Scale(
        CudaStream stream, ElementType type, void* dY, long count, byte* packed, long packedBytes,
        MaskFactors<float> factors, void* dX) =>
        Gradient(stream, "mask_scale", type, dY, packed, dX, new MaskArguments(count, packedBytes, factors));

    private static void Gradient(
        CudaStream stream, string kernel, ElementType type, void* dY, byte* packed, void* dX,
        in MaskArguments arguments)
    {
        if (arguments.ElementCount == 0) return;
        stream.Launch(
            Module, $"{kernel}_{CudaElements.NameOf(type)}", BlocksFor(arguments.ElementCount), Threads, arguments,
            (nint)dY, (nint)packed, (nint)dX);
    }

    /// <summary>At least one: an empty mask has a header.</summary>
    private static long BlocksFor(long count) => Math.Max(1, (count - 1) / (ElementsOfThread * Threads) + 1);
}
