namespace OnnxActNN.Format;

/// <summary>
/// Where the groups of one class lie in a packed tensor: each has a rank among them, in the order of the elements.
/// </summary>
/// <param name="Width">Width of their codes.</param>
/// <param name="Groups">How many there are.</param>
/// <param name="MetadataOffset">Offset in bytes of the first one's metadata.</param>
/// <param name="BlockExponentsOffset">
/// Offset in bytes of their exponents, one for <see cref="PackedLayout.GroupsPerBlock"/> ranks.
/// </param>
/// <param name="CodesOffset">Offset in bytes of the first one's codes.</param>
/// <param name="Stride">
/// Bytes from one's codes to the next one's, enough for the longest group; 0 where the width is the same for all
/// groups.
/// </param>
public readonly record struct GroupSection(
    CodeWidth Width, long Groups, long MetadataOffset, long BlockExponentsOffset, long CodesOffset, long Stride)
{
    /// <summary>Blocks of <see cref="PackedLayout.GroupsPerBlock"/> ranks, the last one shorter.</summary>
    public long Blocks => PackedLayout.BlocksOf(Groups);
}
