using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;

namespace OnnxActNN.Rewriter.Sensitivity;

/// <summary>
/// What a code's variance is with smaller groups, as a share of what it is with those that the tensor was measured
/// with.
/// </summary>
/// <param name="GroupSize">Most elements of a group.</param>
/// <param name="Ranged">Of a code over minimum to maximum.</param>
/// <param name="ZeroExact">Of a zero-exact code.</param>
internal sealed record GroupShares(int GroupSize, double Ranged, double ZeroExact)
{
    /// <summary>The shares that a tensor's profile tells.</summary>
    public static IReadOnlyList<GroupShares> Of(TensorProfile measured) =>
        [.. measured.Finer.Select(finer => new GroupShares(
        finer.GroupSize, Share(finer.SquaredRanges, measured.SquaredRangesTotal),
            Share(finer.SquaredPeaks, measured.Samples.SquaredPeaks.Sum())))];

    /// <summary>
    /// Steps of a squared grid grow with the square root of the peak, variances with the peak itself.
    /// </summary>
    public double Of(PackFormat format) =>
        format.Grid == CodeGrid.Squared ? Math.Sqrt(ZeroExact) : format.ZeroExact ? ZeroExact : Ranged;

    private static double Share(double finer, double whole) => whole > 0 ? Math.Min(1, finer / whole) : 1;
}
