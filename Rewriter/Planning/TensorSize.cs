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
        if (type?.Shape is not { } shape) return null;
        var complete = new Dictionary<string, long>(dimensions);
        foreach (var name in shape.SelectMany(dimension => dimension.Names())) complete.TryAdd(name, NominalDimension);
        var sizes = shape.Evaluate(complete);
        return sizes is not null && Array.TrueForAll(sizes, size => size >= 0) ? sizes : null;
    }
}
