using System.Numerics.Tensors;

namespace OnnxActNN.Training.Optimizers;

/// <summary>
/// AdamW (Loshchilov and Hutter, arXiv 1711.05101) with the arithmetic of ONNX Runtime's <c>AdamWOptimizer</c>; the defaults are those
/// that <c>generate_artifacts</c> writes.
/// </summary>
/// <remarks>
/// <para>With gradient g, step t from 1 and learning rate η: m ← α·m + (1−α)·g, v ← β·v + (1−β)·g². The bias corrections are
/// a = 1 − αᵗ and b = 1 − βᵗ, or 1 where <see cref="CorrectBias"/> is off.</para>
/// <para>PyTorch: w ← w − η·λ·w, then w ← w − η/a · m / (√(v/b) + ε).
/// Transformers: w ← w − η·√b/a · m / (√v + ε), then w ← w − η·λ·w.</para>
/// </remarks>
public sealed record AdamW : IOptimizer
{
    /// <summary>α: how much of the mean gradient is kept.</summary>
    public float Alpha { get; init; } = 0.9f;

    /// <summary>β: how much of the mean squared gradient is kept.</summary>
    public float Beta { get; init; } = 0.999f;

    /// <summary>ε: keeps the divisor from zero.</summary>
    public float Epsilon { get; init; } = 1e-6f;

    /// <summary>λ: share of a weight that is taken away per step, times the learning rate.</summary>
    public float WeightDecay { get; init; }

    /// <summary>Whether the moments' start at zero is corrected for.</summary>
    public bool CorrectBias { get; init; } = true;

    /// <summary>Which of the two published forms.</summary>
    public AdamMode Mode { get; init; } = AdamMode.Transformers;

    /// <inheritdoc/>
    public int Moments => 2;

    /// <inheritdoc/>
    public void Update(OptimizerStep step, OptimizerPart part)
    {
        Span<float> scratch = stackalloc float[OptimizerPart.LargestLength];
        scratch = scratch[..part.Gradients.Length];
        UpdateMoments(part, scratch);
        var weights = part.Parameters;
        var decay = 1 - step.LearningRate * WeightDecay;
        if (Mode == AdamMode.PyTorch && WeightDecay != 0) TensorPrimitives.Multiply(weights, decay, weights);
        Move(step, part, scratch);
        if (Mode == AdamMode.Transformers && WeightDecay != 0) TensorPrimitives.Multiply(weights, decay, weights);
    }

    private void UpdateMoments(OptimizerPart part, Span<float> scratch)
    {
        var gradients = part.Gradients;
        var first = part.FirstMoments;
        var second = part.SecondMoments;
        TensorPrimitives.Multiply(gradients, 1 - Alpha, scratch);
        TensorPrimitives.MultiplyAdd(first, Alpha, scratch, first);
        TensorPrimitives.Multiply(gradients, 1 - Beta, scratch);
        TensorPrimitives.Multiply(scratch, gradients, scratch);
        TensorPrimitives.MultiplyAdd(second, Beta, scratch, second);
    }

    private void Move(OptimizerStep step, OptimizerPart part, Span<float> scratch)
    {
        var correction = CorrectBias ? 1 - MathF.Pow(Alpha, step.Number) : 1;
        var squareCorrection = CorrectBias ? 1 - MathF.Pow(Beta, step.Number) : 1;
        var rate = step.LearningRate / correction;
        if (Mode == AdamMode.PyTorch)
        {
            TensorPrimitives.Divide(part.SecondMoments, squareCorrection, scratch);
            TensorPrimitives.Sqrt(scratch, scratch);
        }
        else
        {
            TensorPrimitives.Sqrt(part.SecondMoments, scratch);
            rate *= MathF.Sqrt(squareCorrection);
        }
        TensorPrimitives.Add(scratch, Epsilon, scratch);
        TensorPrimitives.Divide(part.FirstMoments, scratch, scratch);
        TensorPrimitives.MultiplyAdd(scratch, -rate, part.Parameters, part.Parameters);
    }
}
