using System.Buffers.Binary;

namespace OnnxActNN.Format;

/// <summary>
/// What IndexPack writes: <see cref="HeaderSize"/> bytes of header, which hold the window, then the offsets. Those of
/// one sample and channel (a plane) follow each other, the first in the lowest bits of a byte; each plane starts on a
/// byte.
/// </summary>
public sealed class IndexLayout
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderSize = 96;

    /// <summary>Version of the wire format.</summary>
    public const byte Version = 1;

    /// <summary>The four bytes "OANI" as a little-endian number.</summary>
    private const uint Magic = 0x494e414f;

    /// <summary>
    /// Where the header's numbers of the window begin: four lists of <see cref="PoolingWindow.MostAxes"/>.
    /// </summary>
    private const int WindowOffset = 24;

    private IndexLayout(PoolingWindow window, long planeCount, long planeElements)
    {
        Window = window;
        PlaneCount = planeCount;
        PlaneElements = planeElements;
        var perByte = 8 / window.OffsetBits;
        PlaneBytes = planeElements / perByte + (planeElements % perByte == 0 ? 0 : 1);
        TotalBytes = checked(HeaderSize + planeCount * PlaneBytes);
    }

    /// <summary>The pool's window.</summary>
    public PoolingWindow Window { get; }

    /// <summary>Samples times channels.</summary>
    public long PlaneCount { get; }

    /// <summary>Indices of one plane.</summary>
    public long PlaneElements { get; }

    /// <summary>Bytes of one plane.</summary>
    public long PlaneBytes { get; }

    /// <summary>Bytes in all.</summary>
    public long TotalBytes { get; }

    /// <summary>Lays out the indices of a pool.</summary>
    /// <param name="dims">Dimensions of the indices: samples, channels, then one per axis of the window.</param>
    /// <param name="window">The window.</param>
    /// <exception cref="ArgumentException">The rank is not the window's, or a dimension is negative.</exception>
    /// <exception cref="OverflowException">The sizes do not fit 64 bits.</exception>
    public static IndexLayout Create(ReadOnlySpan<long> dims, PoolingWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        if (dims.Length != window.Axes + 2)
            throw new ArgumentException(
                $"Indices of a pool over {window.Axes} axes have rank {window.Axes + 2}, not {dims.Length}.");
        long elements = 1;
        foreach (var dim in dims[2..]) elements = checked(elements * NonNegative(dim));
        return new IndexLayout(window, checked(NonNegative(dims[0]) * NonNegative(dims[1])), elements);
    }

    /// <summary>Writes the header.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter than <see cref="HeaderSize"/>.</exception>
    public void WriteHeader(Span<byte> packed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(packed.Length, HeaderSize, nameof(packed));
        packed[..HeaderSize].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(packed, Magic);
        packed[4] = Version;
        packed[5] = (byte)Window.OffsetBits;
        packed[6] = (byte)Window.Axes;
        BinaryPrimitives.WriteInt64LittleEndian(packed[8..], PlaneCount * PlaneElements);
        BinaryPrimitives.WriteInt64LittleEndian(packed[16..], TotalBytes);
        IReadOnlyList<int>[] lists = [Window.KernelShape, Window.Strides, Window.Dilations, Window.PadsBegin];
        for (var list = 0; list < lists.Length; list++)
        {
            for (var axis = 0; axis < Window.Axes; axis++)
                BinaryPrimitives.WriteInt32LittleEndian(packed[NumberAt(list, axis)..], lists[list][axis]);
        }
    }

    /// <summary>Reads the layout from a header and checks it against dimensions and bytes.</summary>
    /// <param name="packed">The start of the buffer, at least <see cref="HeaderSize"/> bytes where it has them.</param>
    /// <param name="packedBytes">Bytes of the whole buffer.</param>
    /// <param name="dims">Dimensions of the indices.</param>
    /// <exception cref="PackedFormatException">It is damaged, or of a tensor of another shape.</exception>
    public static IndexLayout Read(ReadOnlySpan<byte> packed, long packedBytes, ReadOnlySpan<long> dims)
    {
        if (packed.Length < HeaderSize)
            throw new PackedFormatException($"Packed indices have at least {HeaderSize} bytes, these {packed.Length}.");
        Require(
            BinaryPrimitives.ReadUInt32LittleEndian(packed) == Magic && packed[4] == Version,
            "magic number and version");
        Require(packed[6] is >= 1 and <= PoolingWindow.MostAxes, "number of axes");
        IndexLayout layout;
        try
        {
            var (header, axes) = (packed[..HeaderSize].ToArray(), packed[6]);
            var window = new PoolingWindow(
                ReadList(header, 0, axes), ReadList(header, 1, axes), ReadList(header, 2, axes),
                ReadList(header, 3, axes));
            layout = Create(dims, window);
        }
        catch (Exception error) when (error is ArgumentException or OverflowException)
        {
            throw new PackedFormatException(
                "The packed indices are damaged or not of this shape: " + error.Message, error);
        }
        Span<byte> expected = stackalloc byte[HeaderSize];
        layout.WriteHeader(expected);
        Require(packed[..HeaderSize].SequenceEqual(expected), "header");
        Require(packedBytes == layout.TotalBytes, "length of the buffer");
        return layout;
    }

    private static long[] ReadList(byte[] header, int list, int axes) =>
        [.. Enumerable.Range(0, axes).Select(
            axis => (long)BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(NumberAt(list, axis))))];

    private static int NumberAt(int list, int axis) =>
        WindowOffset + sizeof(int) * (list * PoolingWindow.MostAxes + axis);

    private static long NonNegative(long dim) =>
        dim >= 0 ? dim : throw new ArgumentOutOfRangeException(nameof(dim), dim, "A dimension is negative.");

    private static void Require(bool holds, string field)
    {
        if (!holds)
            throw new PackedFormatException($"The packed indices are damaged or not of this shape: {field}.");
    }
}
