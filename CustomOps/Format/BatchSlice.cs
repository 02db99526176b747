namespace OnnxActNN.Format;

/// <summary>
/// One of K slices of a tensor's N samples, its first dimension: number k has the samples ⌊k·N/K⌋ up to, not including,
/// ⌊(k+1)·N/K⌋.
/// </summary>
/// <remarks>
/// Where that is no sample, for N &lt; K, the slice is the sample ⌊k·N/K⌋ with a gradient of 0: ONNX Runtime's gradient
/// of a convolution cannot take a batch of none.
/// </remarks>
public readonly record struct BatchSlice
{
    private BatchSlice(long index, long count) => (Index, Count) = (index, count);

    /// <summary>All samples.</summary>
    public static BatchSlice Whole { get; } = new(0, 1);

    /// <summary>Which slice, from 0 on.</summary>
    public long Index { get; }

    /// <summary>How many slices there are.</summary>
    public long Count { get; }

    /// <summary>A slice.</summary>
    /// <exception cref="ArgumentException">There is no such slice.</exception>
    public static BatchSlice Create(long index, long count) => index >= 0 && index < count
        ? new BatchSlice(index, count)
        : throw new ArgumentException(
            $"attribute '{SliceAttributes.Index}' is {index}, '{SliceAttributes.Count}' {count}; slices count from 0.");

    /// <summary>Its samples among so many.</summary>
    public SampleSpan Of(long samples)
    {
        var (first, end) = ((long)((Int128)Index * samples / Count), (long)((Int128)(Index + 1) * samples / Count));
        return end > first
            ? new SampleSpan(first, end - first, IsEmpty: false)
            : new SampleSpan(first, Math.Min(samples, 1), IsEmpty: true);
    }

    /// <summary>Dimensions of the slice of a tensor.</summary>
    /// <exception cref="ArgumentException">A scalar is to be cut.</exception>
    public long[] DimensionsOf(ReadOnlySpan<long> dims)
    {
        if (Count == 1) return [.. dims];
        if (dims.IsEmpty)
            throw new ArgumentException("A scalar has no samples that could be cut into slices.", nameof(dims));
        return [Of(dims[0]).Count, .. dims[1..]];
    }

    /// <summary>Its first element in a tensor, and the one behind its last.</summary>
    /// <inheritdoc cref="DimensionsOf" path="/exception"/>
    /// <exception cref="OverflowException">The sizes do not fit 64 bits.</exception>
    public (long Start, long End) ElementsOf(ReadOnlySpan<long> dims)
    {
        long elements = 1;
        foreach (var dim in DimensionsOf(dims)) elements = checked(elements * dim);
        if (Count == 1 || elements == 0) return (0, elements);
        var span = Of(dims[0]);
        var start = checked(span.First * (elements / span.Count));
        return (start, checked(start + elements));
    }
}
