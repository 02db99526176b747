namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>What batch normalization in training reads and writes per channel.</summary>
/// <remarks>The running numbers' results may lie where their inputs do.</remarks>
internal sealed unsafe class NormalizationChannels
{
    public required float* Scale { get; init; }

    public required float* Bias { get; init; }

    public required float* RunningMean { get; init; }

    public required float* RunningVariance { get; init; }

    /// <summary>Result: running mean · momentum + mean · (1 − momentum).</summary>
    public required float* NewRunningMean { get; init; }

    /// <summary>Result: likewise of the batch's variance, divided by N.</summary>
    public required float* NewRunningVariance { get; init; }

    /// <summary>Result: mean of the batch.</summary>
    public required float* Mean { get; init; }

    /// <summary>Result: 1 / √(variance + ε).</summary>
    public required float* InverseDeviation { get; init; }

    /// <summary>Added to the variance.</summary>
    public required float Epsilon { get; init; }

    /// <summary>Share of the running numbers that stays.</summary>
    public required float Momentum { get; init; }

    /// <summary>Share of the batch's numbers that is added.</summary>
    public float Change => (float)(1.0 - Momentum);

    /// <summary>Writes one channel's results.</summary>
    public void Write(long channel, float mean, float variance, float inverseDeviation)
    {
        Mean[channel] = mean;
        InverseDeviation[channel] = inverseDeviation;
        NewRunningMean[channel] = RunningMean[channel] * Momentum + mean * Change;
        NewRunningVariance[channel] = RunningVariance[channel] * Momentum + variance * Change;
    }
}
