namespace OnnxActNN.CustomOps.Cpu.Losses;

/// <summary>
/// What each label's part of the gradient is multiplied by: r = w · dY, with w the weight of the label's class, 0 where the label is to be
/// ignored; with the mean, w is divided by the sum of all w.
/// </summary>
internal sealed record LabelFactors(LossReduction Reduction, long? IgnoreIndex)
{
    /// <summary>One factor for each label; 0 for one that is to be ignored, whatever the gradient is.</summary>
    /// <param name="labels">A class each.</param>
    /// <param name="classes">How many there are.</param>
    /// <param name="weights">One for each class; empty for 1.</param>
    /// <param name="dY">The gradient of the loss: one number, or without reduction one for each label.</param>
    /// <exception cref="ArgumentException">A label is none of the classes, or numbers are missing.</exception>
    public float[] Of(ReadOnlySpan<long> labels, long classes, ReadOnlySpan<float> weights, ReadOnlySpan<float> dY)
    {
        if (!weights.IsEmpty && weights.Length != classes)
            throw new ArgumentException($"input 'weight' has {weights.Length} numbers for {classes} classes.");
        var expected = Reduction == LossReduction.None ? labels.Length : 1;
        if (dY.Length != expected) throw new ArgumentException($"input 'dY' has {dY.Length} numbers instead of {expected}.");
        var factors = new float[labels.Length];
        float sum = 0;
        for (var i = 0; i < factors.Length; i++)
        {
            if (labels[i] == IgnoreIndex) continue;
            if (labels[i] < 0 || labels[i] >= classes)
                throw new ArgumentException($"label {labels[i]} is none of {classes} classes.");
            factors[i] = weights.IsEmpty ? 1f : weights[(int)labels[i]];
            sum += factors[i];
        }
        // Where nothing counts, no label has a gradient.
        var scale = Reduction == LossReduction.Mean && sum != 0 ? dY[0] / sum : 1f;
        for (var i = 0; i < factors.Length; i++)
        {
            // What is to be ignored stays 0 even times infinity or NaN: its label is no class, and nothing may be
            // written there.
            if (labels[i] == IgnoreIndex) continue;
            factors[i] *= Reduction == LossReduction.Mean ? scale : dY[Reduction == LossReduction.None ? i : 0];
        }
        return factors;
    }
}
