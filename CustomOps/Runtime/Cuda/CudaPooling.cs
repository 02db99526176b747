using OnnxActNN.CustomOps.Cpu.Pooling;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// Packed pooling indices on a CUDA device: the same bits as <see cref="IndexPack"/>, <see cref="MaxPoolIndexPack"/>
/// and <see cref="MaxPoolGradient"/>. What those
/// refuse cannot be seen from the host here: a window without an element gets offset 0, a buffer that is not the
/// indices of this shape gives a gradient of NaN, and a damaged index is nobody's.
/// </summary>
internal static unsafe class CudaPooling
{
    private const string Module = "pooling";
    private const uint Threads = 256;

    /// <summary>Puts an IndexPack on a stream; a thread makes one byte.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="indices">MaxPool's indices, on the device.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="x">Dimensions of the pool's input.</param>
    /// <param name="y">Dimensions of its output.</param>
    /// <param name="packed">
    /// <see cref="IndexLayout.TotalBytes"/> bytes on the device, aligned to 4; all are written.
    /// </param>
    public static void Pack(
        CudaStream stream, long* indices, IndexLayout layout, ReadOnlySpan<long> x, ReadOnlySpan<long> y,
        byte* packed) =>
        stream.Launch(
            Module, "index_pack", BlocksFor(layout.TotalBytes - IndexLayout.HeaderSize), Threads,
            new PoolArguments(layout, x, y), (nint)indices, (nint)packed);

    /// <summary>
    /// Puts a MaxPoolIndexPack on a stream; a thread makes one byte, and the elements of Y that it tells of.
    /// </summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="input">The pool's input, on the device.</param>
    /// <param name="layout">The indices' layout.</param>
    /// <param name="x">Dimensions of the pool's input.</param>
    /// <param name="y">Dimensions of its output.</param>
    /// <param name="fromFirst">Where the search begins; see <see cref="PoolingAttributes.FromFirst"/>.</param>
    /// <param name="packed">
    /// <see cref="IndexLayout.TotalBytes"/> bytes on the device, aligned to 4; all are written.
    /// </param>
    /// <param name="output">Room on the device for the pool's output; all elements are written.</param>
    public static void Pool(
        CudaStream stream, ElementType type, void* input, IndexLayout layout, ReadOnlySpan<long> x,
        ReadOnlySpan<long> y, bool fromFirst, byte* packed, void* output) =>
        stream.Launch(
            Module, $"max_pool_index_pack_{CudaElements.NameOf(type)}",
            BlocksFor(layout.TotalBytes - IndexLayout.HeaderSize), Threads,
            new PoolArguments(layout, x, y) { FromFirst = fromFirst ? 1 : 0 }, (nint)input, (nint)packed, (nint)output);

    /// <summary>Puts a MaxPoolGradFromIndex on a stream; a thread makes one element of dX.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="dY">The gradient, on the device.</param>
    /// <param name="y">Its dimensions.</param>
    /// <param name="packed">Packed indices on the device, aligned to 4 bytes. Any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="dX">Room on the device for all elements of the pool's input; all are written.</param>
    /// <param name="x">Its dimensions.</param>
    /// <exception cref="ArgumentException">The dimensions are not those of a pool's input and output.</exception>
    public static void Gradient(
        CudaStream stream, ElementType type, void* dY, ReadOnlySpan<long> y, byte* packed, long packedBytes, void* dX,
        ReadOnlySpan<long> x)
    {
        if (y.Length is < 3 or > 2 + PoolingWindow.MostAxes || x.Length != y.Length || !x[..2].SequenceEqual(y[..2]))
            throw new ArgumentException("dY and 'shape' are not of a pool's output and input.");
        if (packedBytes < IndexLayout.HeaderSize)
            throw new PackedFormatException(
                $"Packed indices have at least {IndexLayout.HeaderSize} bytes, these {packedBytes}.");
        var arguments = new PoolArguments(packedBytes, x, y);
        var elements = checked(arguments.PlaneCount * arguments.PlaneElements);
        if (elements == 0) return;
        stream.Launch(
            Module, $"max_pool_grad_{CudaElements.NameOf(type)}", BlocksFor(elements), Threads, arguments,
            (nint)dY, (nint)packed, (nint)dX);
    }

    /// <summary>At least one: an empty tensor's indices have a header.</summary>
    private static long BlocksFor(long items) => Math.Max(1, (items - 1) / Threads + 1);
}
