using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes;

/// <summary>
/// The elements of a small integer tensor, row-major, each a number or an expression in the graph's named sizes.
/// </summary>
/// <remarks>
/// Also floating-point tensors whose elements are whole numbers, since exporters cast sizes to float and back. An
/// element that depends on data is null.
/// </remarks>
internal sealed class IntegerTensor
{
    /// <summary>Longest tensor that is followed; shapes, paddings and permutations are far shorter.</summary>
    public const int MostElements = 128;

    public IntegerTensor(IReadOnlyList<int> sizes, Dimension?[] elements)
    {
        if (sizes.Aggregate(1, (product, size) => product * size) != elements.Length)
        {
            throw new ArgumentException(
                $"{elements.Length} elements do not fill [{string.Join(", ", sizes)}].", nameof(elements));
        }
        Sizes = sizes;
        Elements = elements;
    }

    public IReadOnlyList<int> Sizes { get; }

    public Dimension?[] Elements { get; }

    public static IntegerTensor Vector(params Dimension?[] elements) => new([elements.Length], elements);

    public static IntegerTensor Scalar(Dimension? element) => new([], [element]);

    /// <summary>Whether a tensor of that shape is small enough; unknown sizes are not.</summary>
    public static bool Fits(Shape shape)
    {
        if (shape.Rank > 8) return false;
        long elements = 1;
        foreach (var dimension in shape)
        {
            if (dimension.Value is not (>= 0 and <= MostElements and var size)) return false;
            elements *= size;
        }
        return elements <= MostElements;
    }

    /// <summary>The sizes of a shape that <see cref="Fits"/>.</summary>
    public static int[] SizesOf(Shape shape) => [.. shape.Select(dimension => (int)dimension.Value!.Value)];

    /// <summary>The constant's elements, or null when it is large, of another type, or not of whole numbers.</summary>
    public static IntegerTensor? TryRead(TensorData data)
    {
        if (data.Sizes.Count > 8 || data.Sizes.Any(size => size > MostElements) || data.Length > MostElements)
            return null;
        var sizes = data.Sizes.Select(size => (int)size).ToArray();
        if (data.TryGetIntegers() is { } integers && integers.Length == data.Length)
            return new IntegerTensor(sizes, Array.ConvertAll<long, Dimension?>(integers, Dimension.Of));
        if (data.Length > 8 || data.TryGetFloats() is not { } floats || floats.Length != data.Length) return null;
        return new IntegerTensor(sizes, Array.ConvertAll(floats, WholeNumber));
    }

    public override string ToString() =>
        $"[{string.Join(", ", Elements.Select(size => size?.ToString() ?? "?"))}] of [{string.Join(", ", Sizes)}]";

    private static Dimension? WholeNumber(double element) =>
        Math.Abs(element) < 1L << 53 && Math.Floor(element) == element ? Dimension.Of((long)element) : null;
}
