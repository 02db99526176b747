namespace OnnxActNN.CustomOps.Cpu.Normalization;

/// <summary>
/// What a batch normalization multiplies with and what it found in its batch, one number per channel each.
/// </summary>
/// <param name="Scale">Factor behind the normalization.</param>
/// <param name="Mean">Mean of the batch.</param>
/// <param name="InverseDeviation">1 / √(variance + ε) of the batch.</param>
internal sealed record ChannelStatistics(float[] Scale, float[] Mean, float[] InverseDeviation)
{
    /// <exception cref="ArgumentException">One of them does not have a number for each channel.</exception>
    public void Require(long channels)
    {
        foreach (var numbers in new[] { Scale, Mean, InverseDeviation })
        {
            if (numbers.Length != channels)
                throw new ArgumentException($"A statistic has {numbers.Length} numbers for {channels} channels.");
        }
    }
}
