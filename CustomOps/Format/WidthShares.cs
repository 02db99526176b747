namespace OnnxActNN.Format;

/// <summary>
/// How many of a tensor's groups get wider codes than the rest, in 255ths: bits per group without a size that depends
/// on the data. Which groups those are depends on their ranges and stands in the packed tensor's table.
/// </summary>
/// <param name="Two">Groups of at least 2 bits.</param>
/// <param name="Four">Groups of at least 4 bits, at most <paramref name="Two"/>.</param>
/// <param name="Eight">Groups of 8 bits, at most <paramref name="Four"/>.</param>
public readonly record struct WidthShares(byte Two, byte Four, byte Eight)
{
    /// <summary>What stands for all groups.</summary>
    public const int Whole = 255;

    /// <summary>Classes of groups: the format's own width, and at least 2, 4 and 8 bits.</summary>
    public const int Classes = 4;

    /// <summary>Whether all groups have the format's own width.</summary>
    public bool IsUniform => this == default;

    /// <summary>Whether each share is at most the one before.</summary>
    public bool IsOrdered => Eight <= Four && Four <= Two;

    /// <summary>
    /// How many of so many groups are in this class or a wider one: rounded down, so that no budget is exceeded.
    /// </summary>
    /// <param name="index">The class, 0 to <see cref="Classes"/> − 1.</param>
    /// <param name="groups">All groups.</param>
    public long AtLeast(int index, long groups)
    {
        var share = index switch { 0 => Whole, 1 => Two, 2 => Four, _ => Eight };
        return groups / Whole * share + groups % Whole * share / Whole;
    }

    /// <summary>The shares as the attribute lists them.</summary>
    public long[] ToList() => [Two, Four, Eight];

    /// <summary>Reads the attribute; an empty list is uniform.</summary>
    /// <exception cref="ArgumentException">
    /// Not three numbers from 0 to 255, none larger than the one before.
    /// </exception>
    public static WidthShares FromList(IReadOnlyList<long> list) => list switch
    {
        [] => default,
        [>= 0 and <= Whole and var two, >= 0 and var four, >= 0 and var eight] when eight <= four && four <= two =>
            new((byte)two, (byte)four, (byte)eight),
        _ => throw new ArgumentException(
            $"Attribute {PackAttributes.WidthShares} is three numbers from {Whole} to 0, none larger than the "
                + "one before, not "
            + $"[{string.Join(", ", list)}]."),
    };
}
