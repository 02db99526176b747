using System.Buffers.Binary;

namespace OnnxActNN.Format;

/// <summary>
/// The first <see cref="Size"/> bytes of a packed tensor, little-endian. They say all that an unpack needs but the
/// dimensions, so UnpackDequant repeats no attribute of its pack.
/// </summary>
/// <param name="Type">Element type of the packed tensor.</param>
/// <param name="Format">The pack's attributes.</param>
/// <param name="Key">Where the random numbers come from.</param>
/// <param name="ElementCount">Elements of the tensor.</param>
/// <param name="TotalBytes">Bytes of the packed tensor with this header.</param>
public sealed record PackedHeader(
    ElementType Type, PackFormat Format, PackKey Key, long ElementCount, long TotalBytes)
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 64;

    /// <summary>Version of the wire format.</summary>
    public const byte Version = 2;

    /// <summary>The four bytes "OANP" as a little-endian number.</summary>
    private const uint Magic = 0x504e414f;

    private const byte ZeroExactFlag = 1;

    /// <summary>The header of a tensor of this layout.</summary>
    public static PackedHeader Create(ElementType type, PackedLayout layout, in PackKey key)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return new PackedHeader(type, layout.Format, key, layout.ElementCount, layout.TotalBytes);
    }

    /// <summary>Writes the header.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter than <see cref="Size"/>.</exception>
    public void Write(Span<byte> packed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(packed.Length, Size, nameof(packed));
        BinaryPrimitives.WriteUInt32LittleEndian(packed, Magic);
        packed[4] = Version;
        packed[5] = (byte)Type;
        packed[6] = (byte)Format.Width;
        packed[7] = Format.ZeroExact ? ZeroExactFlag : (byte)0;
        packed[8] = (byte)Format.Rounding;
        packed[9] = (byte)Format.Metadata;
        packed[10] = (byte)Format.Layout;
        packed[11] = (byte)Format.Grid;
        BinaryPrimitives.WriteInt32LittleEndian(packed[12..], Format.GroupAxis);
        BinaryPrimitives.WriteInt32LittleEndian(packed[16..], Format.GroupSize);
        (packed[20], packed[21], packed[22], packed[23]) =
            (Format.Shares.Two, Format.Shares.Four, Format.Shares.Eight, 0);
        BinaryPrimitives.WriteInt64LittleEndian(packed[24..], Key.Seed);
        BinaryPrimitives.WriteInt64LittleEndian(packed[32..], Key.TensorId);
        BinaryPrimitives.WriteInt64LittleEndian(packed[40..], Key.Run);
        BinaryPrimitives.WriteInt64LittleEndian(packed[48..], ElementCount);
        BinaryPrimitives.WriteInt64LittleEndian(packed[56..], TotalBytes);
    }

    /// <summary>Reads a header and checks each of its fields.</summary>
    /// <param name="packed">The start of the packed tensor, at least <see cref="Size"/> bytes.</param>
    /// <exception cref="PackedFormatException">A field holds no value that <see cref="Write"/> writes.</exception>
    public static PackedHeader Read(ReadOnlySpan<byte> packed)
    {
        if (packed.Length < Size)
            throw new PackedFormatException($"A packed tensor has at least {Size} bytes, this one {packed.Length}.");
        Require(BinaryPrimitives.ReadUInt32LittleEndian(packed) == Magic, "magic number", "none of QuantizePack's");
        Require(packed[4] == Version, "version", packed[4]);
        Require(packed[23] == 0, "reserved byte", packed[23]);
        var type = (ElementType)packed[5];
        Require(ElementTypes.IsSupported(type), "element type", packed[5]);
        var key = new PackKey(
            BinaryPrimitives.ReadInt64LittleEndian(packed[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(packed[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(packed[40..]));
        var count = BinaryPrimitives.ReadInt64LittleEndian(packed[48..]);
        var bytes = BinaryPrimitives.ReadInt64LittleEndian(packed[56..]);
        return new PackedHeader(type, ReadFormat(packed), key, count, bytes);
    }

    /// <summary>The layout of the tensor, checked against the dimensions and the bytes at hand.</summary>
    /// <exception cref="PackedFormatException">The header is one of a tensor of another shape or size.</exception>
    public PackedLayout LayoutFor(ReadOnlySpan<long> dims, long packedBytes)
    {
        var layout = LayOut(dims);
        Require(layout.ElementCount == ElementCount, "element count", ElementCount);
        Require(layout.TotalBytes == TotalBytes, "total bytes", TotalBytes);
        Require(packedBytes == TotalBytes, "length of the buffer", packedBytes);
        return layout;
    }

    private static PackFormat ReadFormat(ReadOnlySpan<byte> packed)
    {
        var width = (CodeWidth)packed[6];
        Require(CodeWidths.IsSupported(width), "code width", packed[6]);
        Require(packed[7] <= ZeroExactFlag, "zero-exact flag", packed[7]);
        var zeroExact = packed[7] == ZeroExactFlag;
        Require(!zeroExact || width != CodeWidth.OneBit, "zero-exact flag", "two levels");
        Require(packed[8] <= (byte)RoundingMode.Stochastic, "rounding", packed[8]);
        Require(packed[9] <= (byte)MetadataFormat.EightBits, "metadata", packed[9]);
        Require(packed[10] <= (byte)GroupLayout.Flat, "layout", packed[10]);
        Require(packed[11] <= (byte)CodeGrid.Squared, "grid", packed[11]);
        var size = BinaryPrimitives.ReadInt32LittleEndian(packed[16..]);
        Require(size is >= 1 and <= PackFormat.LargestGroupSize, "group size", size);
        var format = new PackFormat(width, zeroExact)
        {
            Rounding = (RoundingMode)packed[8],
            Metadata = (MetadataFormat)packed[9],
            Layout = (GroupLayout)packed[10],
            GroupAxis = BinaryPrimitives.ReadInt32LittleEndian(packed[12..]),
            GroupSize = size,
            Grid = (CodeGrid)packed[11],
            Shares = new WidthShares(packed[20], packed[21], packed[22]),
        };
        Require(format.Contradiction is null, "grid or shares", format.Contradiction);
        return format;
    }

    private PackedLayout LayOut(ReadOnlySpan<long> dims)
    {
        try
        {
            return PackedLayout.Create(dims, Format);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or OverflowException)
        {
            throw new PackedFormatException("The packed tensor's groups do not fit the shape: " + e.Message, e);
        }
    }

    private static void Require<T>(bool holds, string field, T found)
    {
        if (!holds)
            throw new PackedFormatException($"The packed tensor is damaged or not of this shape: {field} is {found}.");
    }
}
