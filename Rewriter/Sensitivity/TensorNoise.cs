using OnnxActNN.Format.Profiles;

namespace OnnxActNN.Rewriter.Sensitivity;

/// <summary>
/// The noise on one tensor, in units of a code's (steps² · 12)⁻¹: its squared ranges or peaks, by element.
/// </summary>
/// <param name="profile">What was measured.</param>
/// <param name="sums">Per sample, the sum over its elements.</param>
internal sealed class TensorNoise(TensorProfile profile, IReadOnlyList<double> sums)
{
    /// <summary>Mean over the elements.</summary>
    public double Mean { get; } = sums.Sum() / Math.Max(1, profile.Elements);

    /// <summary>
    /// Mean over the elements, in units of the variance within each channel, or where there are none, within each
    /// group.
    /// </summary>
    public double Relative => profile.SquaredRangesTotal > 0
        ? RelativeRanges() / Math.Max(1, profile.Elements) * (sums.Sum() / profile.SquaredRangesTotal)
        : 0;

    /// <summary>Mean square of the tensor itself.</summary>
    public double MeanSquare => profile.MeanSquare;

    /// <summary>
    /// The mean over samples of this noise times the other factor's mean square; the product of the means where the
    /// other has other samples.
    /// </summary>
    public double MeanWith(TensorProfile? other, double meanSquare)
    {
        if (other is null || other.Samples.Squares.Count != sums.Count || sums.Count < 2) return Mean * meanSquare;
        double sum = 0;
        var counted = 0;
        for (var sample = 0; sample < sums.Count; sample++)
        {
            var (own, others) = (profile.Samples.Elements[sample], other.Samples.Elements[sample]);
            if (own == 0 || others == 0) continue;
            sum += sums[sample] / own * (other.Samples.Squares[sample] / others);
            counted++;
        }
        return counted > 0 ? sum / counted : 0;
    }

    /// <summary>Noise of this mean on another tensor, spread over its samples as here.</summary>
    public TensorNoise With(TensorProfile other, double mean)
    {
        var total = sums.Sum();
        var samples = other.Samples.Elements.Count;
        return new TensorNoise(other, [.. Enumerable.Range(0, samples).Select(sample =>
            mean * other.Elements * (samples == sums.Count && total > 0 ? sums[sample] / total : 1.0 / samples))]);
    }

    private double RelativeRanges()
    {
        var channels = profile.Channels;
        if (channels.Elements.Count == 0) return profile.RelativeRanges;
        return Enumerable.Range(0, channels.Elements.Count).Where(channel => channels.Elements[channel] > 0)
            .Sum(
                channel => channels.VarianceOf(channel) is > 0 and var variance
                ? channels.SquaredRanges[channel] / variance
                : 0);
    }
}
