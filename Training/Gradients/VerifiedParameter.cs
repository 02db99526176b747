namespace OnnxActNN.Training.Gradients;

/// <summary>What packing does to the gradient of one parameter.</summary>
/// <param name="Name">Name of the parameter.</param>
/// <param name="SquaredNorm">‖g‖² of the original.</param>
/// <param name="Cosine">Between the mean of the draws and g.</param>
/// <param name="Error">Mean of ‖ĝ − g‖².</param>
/// <param name="RelativeBias">‖E ĝ − g‖ / ‖g‖, what the draws alone explain taken off.</param>
/// <param name="BiasScore">Largest mean of the error's projections on fixed vectors, in standard errors.</param>
/// <param name="Variance">Mean of ‖ĝ − E ĝ‖².</param>
internal sealed record VerifiedParameter(
    string Name, double SquaredNorm, double Cosine, double Error, double RelativeBias, double BiasScore,
    double Variance)
{
    /// <summary>
    /// Below this share of the whole gradient's norm a parameter's own is no measure: that of the bias of attention's
    /// keys is 0 but for rounding.
    /// </summary>
    private const double SmallestNorm = 0.01;

    /// <summary>
    /// Below this share of the whole gradient's squared norm an error does no harm, however little the parameter's own
    /// gradient is: what a normalization takes out again has one of 0 but for rounding.
    /// </summary>
    private const double SmallestShare = 0.1;

    /// <summary><see cref="Error"/> over ‖g‖².</summary>
    public double RelativeError => Error / SquaredNorm;

    /// <summary>A bias is one that is resolved, and matters beside the gradient.</summary>
    /// <param name="largestBias">Share of the norm that a bias may have.</param>
    /// <param name="gradientNorm">‖g‖ over all parameters.</param>
    public bool IsBiased(double largestBias, double gradientNorm)
    {
        var norm = Math.Sqrt(SquaredNorm);
        return BiasScore > BiasTest.Threshold
            && RelativeBias * norm > largestBias * Math.Max(norm, SmallestNorm * gradientNorm);
    }

    /// <summary>Whether the error is above the limit, beside the parameter's own gradient and the whole one.</summary>
    /// <param name="largestError">Most times the squared norm that an error may be.</param>
    /// <param name="squaredNorm">‖g‖² over all parameters.</param>
    public bool IsNoisy(double largestError, double squaredNorm) =>
        Error > largestError * Math.Max(SquaredNorm, SmallestShare * squaredNorm);
}
