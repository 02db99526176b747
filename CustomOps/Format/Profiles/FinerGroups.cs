namespace OnnxActNN.Format.Profiles;

/// <summary>What smaller groups would span than those that a tensor was measured with.</summary>
/// <param name="GroupSize">Most elements of such a group.</param>
/// <param name="SquaredRanges">Sum over them of elements · (maximum − minimum)².</param>
/// <param name="SquaredPeaks">Sum over them of (elements that are not 0) · (largest magnitude)².</param>
public sealed record FinerGroups(int GroupSize, double SquaredRanges, double SquaredPeaks)
{
    /// <summary>
    /// The smallest that are looked at: with fewer elements metadata would be as large as codes of one bit.
    /// </summary>
    public const int Smallest = 32;
}
