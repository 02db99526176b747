namespace OnnxActNN.Training.Gradients;

/// <summary>What packing does to the gradient of one parameter.</summary>
/// <param name="Name">Name of the parameter.</param>
/// <param name="SquaredNorm">‖g‖² of the original.</param>
/// <param name="Cosine">Between the mean of the draws and g.</param>
/// <param name="RelativeError">Mean of ‖ĝ − g‖² over ‖g‖².</param>
/// <param name="RelativeBias">‖E ĝ − g‖ / ‖g‖, what the draws alone explain taken off.</param>
/// <param name="BiasScore">Largest mean of the error's projections on fixed vectors, in standard errors.</param>
/// <param name="Variance">Mean of ‖ĝ − E ĝ‖².</param>
internal sealed record VerifiedParameter(
    string Name, double SquaredNorm, double Cosine, double RelativeError, double RelativeBias, double BiasScore, double Variance)
{
    /// <summary>A bias is one that is resolved, and matters beside the gradient itself.</summary>
    public bool IsBiased(double largestBias) => BiasScore > BiasTest.Threshold && RelativeBias > largestBias;
}
