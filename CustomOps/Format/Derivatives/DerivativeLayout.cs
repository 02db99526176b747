using System.Buffers.Binary;

namespace OnnxActNN.Format.Derivatives;

/// <summary>
/// What DerivativePack writes: <see cref="HeaderSize"/> bytes of header, one byte for each group of
/// <see cref="GroupElements"/> elements (the last one has what is left), then the groups' codes. A group's byte is
/// <see cref="Finite"/>, or <see cref="NotANumber"/> where an element was NaN: all its elements decode to NaN then.
/// Codes stand as QuantizePack's do, with random numbers drawn likewise.
/// </summary>
public sealed class DerivativeLayout
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderSize = 64;

    /// <summary>Version of the wire format.</summary>
    public const byte Version = 2;

    /// <summary>Elements of a group.</summary>
    public const int GroupElements = 1024;

    /// <summary>A group's byte where all is well.</summary>
    public const byte Finite = 0;

    /// <summary>A group's byte where an element was NaN.</summary>
    public const byte NotANumber = 1;

    /// <summary>The four bytes "OAND" as a little-endian number.</summary>
    private const uint Magic = 0x444e414f;

    private DerivativeLayout(DerivativeFormat format, PackKey key, long elementCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementCount);
        (Format, Key, ElementCount) = (format, key, elementCount);
        GroupBytes = CodeWidths.CodeBytes(format.Width, GroupElements);
        var (whole, rest) = Math.DivRem(elementCount, GroupElements);
        GroupCount = whole + (rest == 0 ? 0 : 1);
        TotalBytes = checked(CodesOffset + whole * GroupBytes + CodeWidths.CodeBytes(format.Width, rest));
    }

    /// <summary>The codes.</summary>
    public DerivativeFormat Format { get; }

    /// <summary>Where the random numbers come from.</summary>
    public PackKey Key { get; }

    /// <summary>Elements of the tensor.</summary>
    public long ElementCount { get; }

    /// <summary>Groups of the tensor.</summary>
    public long GroupCount { get; }

    /// <summary>Bytes in all.</summary>
    public long TotalBytes { get; }

    private long GroupBytes { get; }

    private long CodesOffset => HeaderSize + GroupCount;

    /// <summary>Lays out a tensor of so many elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="OverflowException">The sizes do not fit 64 bits.</exception>
    public static DerivativeLayout Create(DerivativeFormat format, PackKey key, long elementCount)
    {
        ArgumentNullException.ThrowIfNull(format);
        return new DerivativeLayout(format, key, elementCount);
    }

    /// <summary>Bytes of a packed derivative.</summary>
    /// <inheritdoc cref="Create" path="/exception"/>
    public static long BytesOf(DerivativeFormat format, long elementCount) =>
        Create(format, default, elementCount).TotalBytes;

    /// <summary>Where a group lies.</summary>
    /// <param name="index">0 to <see cref="GroupCount"/> − 1; not checked.</param>
    public GroupSpan Group(long index)
    {
        var start = index * GroupElements;
        return new GroupSpan(
            start, (int)Math.Min(GroupElements, ElementCount - start), CodesOffset + index * GroupBytes);
    }

    /// <summary>Offset in bytes of a group's byte.</summary>
    public static long StateOffset(long group) => HeaderSize + group;

    /// <summary>Writes the header.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter than <see cref="HeaderSize"/>.</exception>
    public void WriteHeader(Span<byte> packed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(packed.Length, HeaderSize, nameof(packed));
        packed[..HeaderSize].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(packed, Magic);
        packed[4] = Version;
        packed[5] = (byte)Format.Function;
        packed[6] = (byte)Format.Width;
        packed[7] = (byte)Format.Rounding;
        BinaryPrimitives.WriteInt64LittleEndian(packed[8..], Key.Seed);
        BinaryPrimitives.WriteInt64LittleEndian(packed[16..], Key.TensorId);
        BinaryPrimitives.WriteInt64LittleEndian(packed[24..], Key.Run);
        BinaryPrimitives.WriteInt64LittleEndian(packed[32..], ElementCount);
        BinaryPrimitives.WriteInt64LittleEndian(packed[40..], TotalBytes);
        BinaryPrimitives.WriteSingleLittleEndian(packed[48..], Format.Alpha);
    }

    /// <summary>Reads the layout from a header and checks it.</summary>
    /// <param name="packed">The start of the buffer, at least <see cref="HeaderSize"/> bytes where it has them.</param>
    /// <param name="packedBytes">Bytes of the whole buffer.</param>
    /// <param name="elementCount">Elements of the tensor that it is for.</param>
    /// <exception cref="PackedFormatException">It is damaged, or of a tensor of another size.</exception>
    public static DerivativeLayout Read(ReadOnlySpan<byte> packed, long packedBytes, long elementCount)
    {
        if (packed.Length < HeaderSize)
            throw new PackedFormatException(
                $"A packed derivative has at least {HeaderSize} bytes, this one {packed.Length}.");
        Require(
            BinaryPrimitives.ReadUInt32LittleEndian(packed) == Magic && packed[4] == Version,
            "magic number and version");
        var (function, width, rounding) =
            ((ActivationFunction)packed[5], (CodeWidth)packed[6], (RoundingMode)packed[7]);
        Require(ActivationDerivative.All.Any(row => row.Function == function), "activation");
        Require(CodeWidths.IsSupported(width), "code width");
        Require(rounding <= RoundingMode.Stochastic, "rounding");
        var key = new PackKey(
            BinaryPrimitives.ReadInt64LittleEndian(packed[8..]),
            BinaryPrimitives.ReadInt64LittleEndian(packed[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(packed[24..]));
        var alpha = BinaryPrimitives.ReadSingleLittleEndian(packed[48..]);
        Require(float.IsFinite(alpha) && alpha != 0, "factor");
        var layout = new DerivativeLayout(
            new DerivativeFormat(function, width, rounding) { Alpha = alpha }, key, elementCount);
        Span<byte> expected = stackalloc byte[HeaderSize];
        layout.WriteHeader(expected);
        Require(packed[..HeaderSize].SequenceEqual(expected), "element count, total bytes or a reserved byte");
        Require(packedBytes == layout.TotalBytes, "length of the buffer");
        return layout;
    }

    private static void Require(bool holds, string field)
    {
        if (!holds)
            throw new PackedFormatException($"The packed derivative is damaged or not of this tensor: {field}.");
    }
}
