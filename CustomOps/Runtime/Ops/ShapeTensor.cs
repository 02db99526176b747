namespace OnnxActNN.CustomOps.Ops;

/// <summary>
/// The dimensions of a shape tensor: those of the tensor it stands for, and a 0, so that it has no bytes.
/// </summary>
internal static class ShapeTensor
{
    public static long[] DimensionsFor(ReadOnlySpan<long> dimensions) => [.. dimensions, 0];

    /// <summary>The dimensions that a shape tensor stands for.</summary>
    /// <exception cref="ArgumentException">It is no shape tensor.</exception>
    public static ReadOnlySpan<long> Read(ReadOnlySpan<long> dimensions) =>
        dimensions is [.. var carried, 0]
            ? carried
            : throw new ArgumentException(
                $"input 'shape' has the dimensions [{string.Join(", ", dimensions.ToArray())}], which do not end in 0; "
                + "connect it to the 'shape' output of the operator that made 'packed'.");
}
