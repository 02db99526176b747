using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OnnxActNN.Training.Optimizers;

/// <summary>
/// AdamW (Loshchilov and Hutter, arXiv 1711.05101) with the arithmetic of ONNX Runtime's <c>AdamWOptimizer</c>; the
/// defaults are those that <c>generate_artifacts</c> writes.
/// </summary>
/// <remarks>
/// <para>With gradient g, step t from 1 and learning rate η: m ← α·m + (1−α)·g, v ← β·v + (1−β)·g². The bias
/// corrections are a = 1 − αᵗ and b = 1 − βᵗ, or 1 where <see cref="CorrectBias"/> is off.</para>
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
        var factors = Factors.Of(this, step);
        var length = part.Gradients.Length;
        var whole = length - length % Vector<float>.Count;
        Update(factors, part, whole);
        // The rest, filled up with zeros.
        if (whole < length) UpdateRest(factors, part, whole);
    }

    /// <summary>All in one pass: each element is read and written once.</summary>
    /// <param name="factors">The step's factors.</param>
    /// <param name="part">The elements.</param>
    /// <param name="length">How many of them; a multiple of a vector's.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Update(in Factors factors, OptimizerPart part, int length)
    {
        ref var gradient = ref MemoryMarshal.GetReference(part.Gradients);
        ref var first = ref MemoryMarshal.GetReference(part.FirstMoments);
        ref var second = ref MemoryMarshal.GetReference(part.SecondMoments);
        ref var weight = ref MemoryMarshal.GetReference(part.Parameters);
        for (nuint i = 0; i < (nuint)length; i += (nuint)Vector<float>.Count)
        {
            var g = Vector.LoadUnsafe(ref gradient, i);
            var m = Vector.LoadUnsafe(ref first, i) * factors.Alpha + g * factors.OneMinusAlpha;
            var v = Vector.LoadUnsafe(ref second, i) * factors.Beta + g * factors.OneMinusBeta * g;
            var w = Vector.LoadUnsafe(ref weight, i) * factors.DecayBefore;
            var direction = m / (Vector.SquareRoot(v / factors.SquareCorrection) + new Vector<float>(factors.Epsilon));
            Vector.StoreUnsafe(m, ref first, i);
            Vector.StoreUnsafe(v, ref second, i);
            Vector.StoreUnsafe((direction * -factors.Rate + w) * factors.DecayAfter, ref weight, i);
        }
    }

    private static void UpdateRest(in Factors factors, OptimizerPart part, int start)
    {
        Span<float> all = stackalloc float[4 * Vector<float>.Count];
        all.Clear();
        var padded = new OptimizerPart
        {
            Parameters = all[..Vector<float>.Count],
            Gradients = all.Slice(Vector<float>.Count, Vector<float>.Count),
            FirstMoments = all.Slice(2 * Vector<float>.Count, Vector<float>.Count),
            SecondMoments = all[(3 * Vector<float>.Count)..],
        };
        part.Parameters[start..].CopyTo(padded.Parameters);
        part.Gradients[start..].CopyTo(all[Vector<float>.Count..]);
        part.FirstMoments[start..].CopyTo(padded.FirstMoments);
        part.SecondMoments[start..].CopyTo(padded.SecondMoments);
        Update(factors, padded, Vector<float>.Count);
        var rest = part.Parameters.Length - start;
        padded.Parameters[..rest].CopyTo(part.Parameters[start..]);
        padded.FirstMoments[..rest].CopyTo(part.FirstMoments[start..]);
        padded.SecondMoments[..rest].CopyTo(part.SecondMoments[start..]);
    }

    /// <summary>
    /// What is multiplied in one step. A factor that a form does not have is 1, which changes no bit.
    /// </summary>
    private readonly record struct Factors(
        float Alpha, float OneMinusAlpha, float Beta, float OneMinusBeta, float Epsilon, float SquareCorrection,
        float Rate, float DecayBefore, float DecayAfter)
    {
        public static Factors Of(AdamW settings, OptimizerStep step)
        {
            var isPyTorch = settings.Mode == AdamMode.PyTorch;
            var correction = settings.CorrectBias ? 1 - MathF.Pow(settings.Alpha, step.Number) : 1;
            var squareCorrection = settings.CorrectBias ? 1 - MathF.Pow(settings.Beta, step.Number) : 1;
            var rate = step.LearningRate / correction;
            var decay = 1 - step.LearningRate * settings.WeightDecay;
            return new Factors(
                settings.Alpha, 1 - settings.Alpha, settings.Beta, 1 - settings.Beta, settings.Epsilon,
                isPyTorch ? squareCorrection : 1, isPyTorch ? rate : rate * MathF.Sqrt(squareCorrection),
                isPyTorch ? decay : 1, isPyTorch ? 1 : decay);
        }
    }
}
