namespace OnnxActNN.GpuCheck.Steps;

/// <summary>A model's steps, as they are and packed.</summary>
/// <param name="Model">Name of the folder.</param>
/// <param name="Batch">Samples of a step.</param>
/// <param name="Plain">Lowered to standard operators.</param>
/// <param name="Packed">The same with packed saved tensors.</param>
/// <param name="GradientDistance">
/// Norm of the difference of the two whole gradients, over that of the plain one.
/// </param>
internal sealed record StepResult(
    string Model, int Batch, StepMeasurement Plain, StepMeasurement Packed, double GradientDistance)
{
    /// <summary>Kernels of convolutions may be chosen anew for each session, and add in another order.</summary>
    private const double LossTolerance = 1e-5;

    /// <summary>
    /// Far above what codes of two bits do to a gradient (0.3 to 0.9), and what a wrong kernel stays below by no
    /// chance.
    /// </summary>
    private const double LargestDistance = 3;

    /// <summary>Relative.</summary>
    public double LossDifference => Math.Abs(Packed.Loss - Plain.Loss) / Math.Max(1e-30, Math.Abs(Plain.Loss));

    /// <summary>Whether losses agree, and gradients are finite and near each other.</summary>
    public bool IsRight => LossDifference <= LossTolerance && GradientDistance <= LargestDistance;
}
