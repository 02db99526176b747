namespace OnnxActNN.Rewriter.IR;

/// <summary>A constant tensor. The elements stay in the form the file has them in until somebody asks.</summary>
internal abstract class TensorData
{
    public abstract DataType ElementType { get; }

    public abstract IReadOnlyList<long> Sizes { get; }

    /// <summary>Number of elements.</summary>
    public long Length => Sizes.Aggregate(1L, (product, size) => product * size);

    public TensorType Type => new(ElementType, Shape.Of(Sizes));

    /// <summary>The elements of an integer or bool tensor, or null for other types and for data kept outside the file.</summary>
    public abstract long[]? TryGetIntegers();

    /// <summary>The elements of a floating-point tensor, or null for other types and for data kept outside the file.</summary>
    public abstract double[]? TryGetFloats();
}
