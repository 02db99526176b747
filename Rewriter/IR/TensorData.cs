namespace OnnxActNN.Rewriter.IR;

/// <summary>A constant tensor. The elements stay in the form the file has them in until somebody asks.</summary>
internal abstract class TensorData
{
    private static readonly Dictionary<string, long> NoNames = [];

    public abstract DataType ElementType { get; }

    public abstract IReadOnlyList<long> Sizes { get; }

    /// <summary>Number of elements.</summary>
    public long Length => Sizes.Aggregate(1L, (product, size) => product * size);

    public TensorType Type => new(ElementType, Shape.Of(Sizes));

    /// <summary>
    /// Bytes of all elements, those below a byte packed; null where the type has no fixed size (strings).
    /// </summary>
    public long? ByteCount => Type.TryGetBytes(NoNames);

    /// <summary>
    /// The elements of an integer or bool tensor, or null for other types and for data kept outside the file.
    /// </summary>
    public abstract long[]? TryGetIntegers();

    /// <summary>
    /// The elements of a floating-point tensor, or null for other types and for data kept outside the file.
    /// </summary>
    public abstract double[]? TryGetFloats();

    /// <summary>
    /// Copies a part of the elements' bytes (little endian, row-major). Works for tensors of any size and for data
    /// outside the file, which is read from there piece by piece.
    /// </summary>
    /// <param name="offset">First byte wanted.</param>
    /// <param name="destination">Filled completely.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part reaches beyond <see cref="ByteCount"/>.</exception>
    /// <exception cref="InvalidOperationException">The type has no fixed size.</exception>
    public abstract void ReadBytes(long offset, Span<byte> destination);

    /// <summary><see cref="ByteCount"/>, once it is sure that the part lies within.</summary>
    protected long CheckedRange(long offset, int length)
    {
        var bytes = ByteCount ?? throw new InvalidOperationException($"{Type} has no bytes of fixed size.");
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, bytes - length);
        return bytes;
    }
}
