using System.Buffers.Binary;

namespace OnnxActNN.Format;

/// <summary>
/// What MaskPack writes: <see cref="HeaderSize"/> bytes of header, then one bit per element: element i is bit i mod 8
/// of byte i / 8. Bits behind the last element are 0.
/// </summary>
public static class MaskFormat
{
    /// <summary>
    /// Bytes of the header: magic number, version, element count, bytes in all; little-endian, the rest 0.
    /// </summary>
    public const int HeaderSize = 32;

    /// <summary>Version of the wire format.</summary>
    public const byte Version = 1;

    /// <summary>The four bytes "OANM" as a little-endian number.</summary>
    private const uint Magic = 0x4d4e414f;

    /// <summary>Bytes of the mask of a tensor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public static long BytesOf(long elementCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementCount);
        return HeaderSize + elementCount / 8 + (elementCount % 8 == 0 ? 0 : 1);
    }

    /// <summary>Writes the header of a mask of so many elements.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The span is shorter than <see cref="HeaderSize"/>.</exception>
    public static void WriteHeader(Span<byte> packed, long elementCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(packed.Length, HeaderSize, nameof(packed));
        packed[..HeaderSize].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(packed, Magic);
        packed[4] = Version;
        BinaryPrimitives.WriteInt64LittleEndian(packed[8..], elementCount);
        BinaryPrimitives.WriteInt64LittleEndian(packed[16..], BytesOf(elementCount));
    }

    /// <summary>Checks that a buffer is the mask of so many elements.</summary>
    /// <param name="packed">The start of the buffer, at least <see cref="HeaderSize"/> bytes where it has them.</param>
    /// <param name="packedBytes">Bytes of the whole buffer.</param>
    /// <param name="elementCount">Elements of the tensor that the mask is for.</param>
    /// <exception cref="PackedFormatException">It is damaged, or the mask of another tensor.</exception>
    public static void Check(ReadOnlySpan<byte> packed, long packedBytes, long elementCount)
    {
        if (packed.Length < HeaderSize)
            throw new PackedFormatException(
                $"A packed mask has at least {HeaderSize} bytes, this one {packed.Length}.");
        Span<byte> expected = stackalloc byte[HeaderSize];
        WriteHeader(expected, elementCount);
        Require(packed[..5].SequenceEqual(expected[..5]), "magic number and version", "not MaskPack's");
        var count = BinaryPrimitives.ReadInt64LittleEndian(packed[8..]);
        Require(count == elementCount, "element count", $"{count}, not {elementCount}");
        Require(packedBytes == BytesOf(elementCount), "length of the buffer", $"{packedBytes}");
        Require(packed[..HeaderSize].SequenceEqual(expected), "total bytes or a reserved byte", "wrong");
    }

    private static void Require(bool holds, string field, string found)
    {
        if (!holds)
            throw new PackedFormatException($"The packed mask is damaged or not of this shape: {field} is {found}.");
    }
}
