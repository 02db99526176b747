namespace OnnxActNN.Training.Sessions;

/// <summary>
/// A learning rate that rises linearly to its full height and then falls linearly to zero, as ONNX Runtime's.
/// </summary>
/// <param name="WarmupSteps">Steps of the rise.</param>
/// <param name="TotalSteps">Steps until zero, the rise included.</param>
/// <param name="InitialLearningRate">The full height.</param>
internal sealed record LinearSchedule(long WarmupSteps, long TotalSteps, float InitialLearningRate)
{
    /// <summary>The learning rate after so many optimizer steps.</summary>
    public float At(long step) => InitialLearningRate * (step < WarmupSteps
        ? (float)step / Math.Max(1, WarmupSteps)
        : Math.Max(0f, (float)(TotalSteps - step) / Math.Max(1, TotalSteps - WarmupSteps)));
}
