using System.Numerics.Tensors;

namespace OnnxActNN.Training.Optimizers;

/// <summary>
/// Stochastic gradient descent with momentum, as PyTorch's SGD; without momentum ONNX Runtime's <c>SGDOptimizerV2</c>.
/// </summary>
/// <remarks>
/// m ← μ·m + g + λ·w, then w ← w − η·m, with gradient g and learning rate η. ONNX Runtime's own optimizer has no
/// momentum: a checkpoint with one goes on there only with the optimizer's state left out.
/// </remarks>
public sealed record Sgd : IOptimizer
{
    /// <summary>μ: how much of the last direction is kept; 0 keeps no moments at all.</summary>
    public float Momentum { get; init; }

    /// <summary>λ: added to the gradient, times the weight.</summary>
    public float WeightDecay { get; init; }

    /// <inheritdoc/>
    public int Moments => Momentum == 0 ? 0 : 1;

    /// <inheritdoc/>
    public void Update(OptimizerStep step, OptimizerPart part)
    {
        Span<float> scratch = stackalloc float[OptimizerPart.LargestLength];
        scratch = scratch[..part.Gradients.Length];
        var weights = part.Parameters;
        scoped var direction = part.Gradients;
        if (WeightDecay != 0)
        {
            TensorPrimitives.MultiplyAdd(weights, WeightDecay, direction, scratch);
            direction = scratch;
        }
        if (Momentum != 0)
        {
            TensorPrimitives.MultiplyAdd(part.FirstMoments, Momentum, direction, part.FirstMoments);
            direction = part.FirstMoments;
        }
        TensorPrimitives.MultiplyAdd(direction, -step.LearningRate, weights, weights);
    }
}
