namespace OnnxActNN.Training.Measurement;

/// <summary>Two measurements compared: memory as original / rewritten, time as rewritten / original.</summary>
/// <param name="Saved">Of the saved bytes.</param>
/// <param name="PeakLiveness">Of the peaks by liveness.</param>
/// <param name="PeakMeasured">Of the measured peaks; null where one is missing.</param>
/// <param name="StepTime">Of the median step times.</param>
public sealed record MeasureRatios(double? Saved, double? PeakLiveness, double? PeakMeasured, double? StepTime)
{
    /// <summary>Compares two measurements; a ratio to nothing is null.</summary>
    public static MeasureRatios Of(MeasuredModel original, MeasuredModel rewritten)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(rewritten);
        return new MeasureRatios(
            Ratio(original.SavedBytes, rewritten.SavedBytes),
            Ratio(original.PeakLivenessBytes, rewritten.PeakLivenessBytes),
            Ratio(original.PeakMeasuredBytes, rewritten.PeakMeasuredBytes),
            Ratio(rewritten.MedianMs, original.MedianMs));
    }

    private static double? Ratio(double? above, double? below) => below is > 0 ? above / below : null;
}
