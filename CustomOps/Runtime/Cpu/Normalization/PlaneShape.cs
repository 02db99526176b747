namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>A tensor [N, C, ...] as planes: axes from 2 on taken together.</summary>
/// <param name="Samples">N.</param>
/// <param name="Channels">C.</param>
/// <param name="PlaneLength">Elements of a plane.</param>
internal readonly record struct PlaneShape(long Samples, long Channels, long PlaneLength)
{
    /// <exception cref="ArgumentException">There is no channel axis.</exception>
    public static PlaneShape Of(ReadOnlySpan<long> dimensions)
    {
        if (dimensions.Length < 2)
            throw new ArgumentException($"A tensor of rank {dimensions.Length} has no channels.", nameof(dimensions));
        long length = 1;
        foreach (var size in dimensions[2..]) length = checked(length * size);
        return new PlaneShape(dimensions[0], dimensions[1], length);
    }

    /// <summary>Index of a plane's first element.</summary>
    public long Start(long sample, long channel) => (sample * Channels + channel) * PlaneLength;
}
