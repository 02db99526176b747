namespace OnnxActNN.CustomOps.Cpu.Sums;

/// <summary>
/// Which elements of B are added to those of A: all, or of each sample some channels that follow each other.
/// </summary>
/// <param name="Samples">Samples; 1 where all are added.</param>
/// <param name="SampleElements">Elements of A in a sample.</param>
/// <param name="OtherElements">Elements of B in a sample.</param>
/// <param name="First">The first of these that is added.</param>
internal readonly record struct SumLayout(long Samples, long SampleElements, long OtherElements, long First)
{
    /// <summary>Elements of A, and of the sum.</summary>
    public long Count => Samples * SampleElements;

    /// <summary>Two tensors of so many elements.</summary>
    public static SumLayout Whole(long count) => new(1, count, count, 0);

    /// <param name="a">Dimensions of A.</param>
    /// <param name="b">Dimensions of B.</param>
    /// <param name="first">The first channel of B that is added.</param>
    /// <exception cref="ArgumentException">B has no such channels, or other dimensions differ.</exception>
    public static SumLayout Of(ReadOnlySpan<long> a, ReadOnlySpan<long> b, long first)
    {
        if (first == 0 && a.SequenceEqual(b)) return Whole(Product(a));
        var isPart = a.Length == b.Length && a.Length >= 2 && a[0] == b[0] && a[2..].SequenceEqual(b[2..])
            && first >= 0 && first <= b[1] - a[1];
        if (!isPart)
        {
            throw new ArgumentException(
                $"input 'A' has dimensions {string.Join("x", a.ToArray())}, 'B' {string.Join("x", b.ToArray())}; they "
                + $"must be equal, or differ in channels, of which B must have those from {first} on.");
        }
        var plane = Product(a[2..]);
        return new SumLayout(a[0], a[1] * plane, b[1] * plane, first * plane);
    }

    private static long Product(ReadOnlySpan<long> dimensions)
    {
        var product = 1L;
        foreach (var dimension in dimensions) product = checked(product * dimension);
        return product;
    }
}
