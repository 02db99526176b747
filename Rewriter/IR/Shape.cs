using System.Collections;

namespace OnnxActNN.Rewriter.IR;

/// <summary>The dimensions of a tensor, outermost first. Immutable; a scalar has rank 0.</summary>
internal sealed class Shape : IReadOnlyList<Dimension>, IEquatable<Shape>
{
    private readonly Dimension[] _dimensions;

    public Shape(params IEnumerable<Dimension> dimensions) => _dimensions = [.. dimensions];

    /// <param name="owned">Nobody else's.</param>
    private Shape(Dimension[] owned) => _dimensions = owned;

    public static Shape Scalar { get; } = new();

    public int Rank => _dimensions.Length;

    int IReadOnlyCollection<Dimension>.Count => _dimensions.Length;

    public Dimension this[int axis] => _dimensions[axis];

    /// <summary>Number of elements; 1 for a scalar.</summary>
    public Dimension Elements => _dimensions.Aggregate(Dimension.One, (product, dimension) => product * dimension);

    public bool IsStatic => Array.TrueForAll(_dimensions, dimension => dimension.IsKnown);

    public static Shape Of(params IEnumerable<long> sizes) => new(sizes.Select(Dimension.Of));

    /// <summary>The sizes when every one is known, else null.</summary>
    public long[]? TryGetSizes() => IsStatic ? [.. _dimensions.Select(dimension => dimension.Value!.Value)] : null;

    /// <summary>The sizes under <paramref name="bindings"/>, or null when a name has no value.</summary>
    /// <param name="bindings">Sizes of names.</param>
    /// <param name="otherwise">The size of every other name; null where that is not known.</param>
    public long[]? Evaluate(IReadOnlyDictionary<string, long> bindings, long? otherwise = null)
    {
        var sizes = new long[_dimensions.Length];
        for (var axis = 0; axis < sizes.Length; axis++)
        {
            if (_dimensions[axis].Evaluate(bindings, otherwise) is not { } size) return null;
            sizes[axis] = size;
        }
        return sizes;
    }

    /// <summary>The same shape with one axis replaced.</summary>
    public Shape With(int axis, Dimension dimension)
    {
        var changed = (Dimension[])_dimensions.Clone();
        changed[axis] = dimension;
        return new Shape(changed);
    }

    public bool Equals(Shape? other) =>
        ReferenceEquals(this, other) || other is not null && _dimensions.AsSpan().SequenceEqual(other._dimensions);

    public override bool Equals(object? obj) => Equals(obj as Shape);

    public override int GetHashCode() =>
        _dimensions.Aggregate(_dimensions.Length, (hash, dimension) => HashCode.Combine(hash, dimension));

    public override string ToString() =>
        $"[{string.Join(", ", _dimensions.Select(dimension => dimension.ToString()))}]";

    public IEnumerator<Dimension> GetEnumerator() => ((IEnumerable<Dimension>)_dimensions).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
