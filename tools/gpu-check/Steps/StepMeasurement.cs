namespace OnnxActNN.GpuCheck.Steps;

/// <summary>What the steps of one graph took.</summary>
/// <param name="Loss">Of the first step.</param>
/// <param name="Milliseconds">Of a step; the median.</param>
/// <param name="Arena">What the provider's arena handed out; null where it does not say.</param>
/// <param name="DeviceBytes">Bytes of the device that were taken while the session was open; null on the CPU.</param>
/// <param name="LargestBatch">The largest batch that a step can have; null where it was not looked for.</param>
internal sealed record StepMeasurement(
    float Loss, double Milliseconds, ArenaStatistics? Arena, long? DeviceBytes, int? LargestBatch);
