namespace OnnxActNN.CustomOps.Cpu.Losses;

/// <summary>
/// What each label's part of the gradient is multiplied by: r = w · dY, with w the weight of the label's class, 0 where
/// the label is to be ignored; with the mean, w is divided by the sum of all w.
/// </summary>
/// <remarks>
/// The sum is taken in float64, as a device with so many threads takes it: label i is added to partial sum i mod 1,024,
/// then the later half of the partial sums to the earlier, until one is left.
/// </remarks>
internal sealed record LabelFactors(LossReduction Reduction, long? IgnoreIndex)
{
    /// <summary>How many partial sums there are: a power of two.</summary>
    public const int PartialSums = 1024;

    /// <summary>Whether numbers are as many as they have to be.</summary>
    /// <param name="labels">How many labels.</param>
    /// <param name="classes">How many classes.</param>
    /// <param name="weights">How many weights; 0 for none.</param>
    /// <param name="gradients">How many numbers of dY.</param>
    /// <exception cref="ArgumentException">They are not.</exception>
    public void Require(long labels, long classes, long weights, long gradients)
    {
        if (weights > 0 && weights != classes)
            throw new ArgumentException($"input 'weight' has {weights} numbers for {classes} classes.");
        var expected = Reduction == LossReduction.None ? labels : 1;
        if (gradients != expected)
            throw new ArgumentException($"input 'dY' has {gradients} numbers instead of {expected}.");
    }

    /// <summary>One factor for each label; 0 for one that is to be ignored, whatever the gradient is.</summary>
    /// <param name="labels">A class each.</param>
    /// <param name="classes">How many there are.</param>
    /// <param name="weights">One for each class; empty for 1.</param>
    /// <param name="dY">The gradient of the loss: one number, or without reduction one for each label.</param>
    /// <exception cref="ArgumentException">A label is none of the classes, or numbers are missing.</exception>
    public float[] Of(ReadOnlySpan<long> labels, long classes, ReadOnlySpan<float> weights, ReadOnlySpan<float> dY)
    {
        Require(labels.Length, classes, weights.Length, dY.Length);
        var factors = new float[labels.Length];
        for (var i = 0; i < factors.Length; i++)
        {
            if (labels[i] == IgnoreIndex) continue;
            if (labels[i] < 0 || labels[i] >= classes)
                throw new ArgumentException($"label {labels[i]} is none of {classes} classes.");
            factors[i] = weights.IsEmpty ? 1f : weights[(int)labels[i]];
        }
        var sum = Reduction == LossReduction.Mean ? SumOf(factors) : 0f;
        // Where nothing counts, no label has a gradient.
        var scale = Reduction == LossReduction.Mean && sum != 0 ? dY[0] / sum : 1f;
        for (var i = 0; i < factors.Length; i++)
        {
            // What is to be ignored stays 0 even times infinity or NaN: its label is no class, and nothing may be
            // written there.
            if (factors[i] == 0) continue;
            factors[i] *= Reduction == LossReduction.Mean ? scale : dY[Reduction == LossReduction.None ? i : 0];
        }
        return factors;
    }

    private static float SumOf(ReadOnlySpan<float> weights)
    {
        Span<double> sums = stackalloc double[PartialSums];
        sums.Clear();
        for (var i = 0; i < weights.Length; i++) sums[i % PartialSums] += weights[i];
        for (var half = PartialSums / 2; half > 0; half /= 2)
        {
            for (var i = 0; i < half; i++) sums[i] += sums[half + i];
        }
        return (float)sums[0];
    }
}
