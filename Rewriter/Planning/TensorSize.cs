using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>Byte counts of tensors, packed and not.</summary>
internal static class TensorSize
{
    /// <summary>Stands in for a dimension whose size nobody gave, when a decision needs some size.</summary>
    private const long NominalDimension = 8;

    /// <summary>The dimensions with unknown names taken as 8; null when the rank is unknown.</summary>
    public static long[]? Nominal(TensorType? type, IReadOnlyDictionary<string, long> dimensions)
    {
        var sizes = type?.Shape?.Evaluate(dimensions, NominalDimension);
        return sizes is not null && Array.TrueForAll(sizes, size => size >= 0) ? sizes : null;
    }

    /// <summary>Their product, which is 1 for a scalar.</summary>
    public static Int128 ElementsOf(ReadOnlySpan<long> sizes)
    {
        Int128 elements = 1;
        foreach (var size in sizes) elements *= size;
        return elements;
    }

    /// <summary>Sizes of all names in some shapes; 8 for those that nobody gave.</summary>
    public static Dictionary<string, long> Complete(
        IEnumerable<Shape> shapes, IReadOnlyDictionary<string, long> dimensions)
    {
        var complete = new Dictionary<string, long>(dimensions);
        foreach (var name in shapes.SelectMany(shape => shape).SelectMany(dimension => dimension.Names()))
            complete.TryAdd(name, NominalDimension);
        return complete;
    }
}
