using System.Numerics.Tensors;
using OnnxActNN.Training.Sessions;

namespace OnnxActNN.Training.Optimizers;

/// <summary>
/// Scales a gradient down to a norm, as ONNX Runtime's InplaceClipGradNorm and PyTorch's clip_grad_norm_ do.
/// </summary>
internal static class GradientClipping
{
    /// <summary>Keeps the divisor from zero; the value of both models.</summary>
    private const float Epsilon = 1e-6f;

    /// <summary>Square root of the sum of all squares; the same for any number of threads.</summary>
    public static double Norm(TensorBlock gradients, ParallelUpdate parts)
    {
        var sums = new double[parts.Tasks];
        parts.RunTasks(
            (task, offset, length) => sums[task] = TensorPrimitives.SumOfSquares(gradients.Part(offset, length)));
        return Math.Sqrt(sums.Sum());
    }

    /// <summary>
    /// Multiplies all gradients by <c>largest / (norm + 1e-6)</c> where that is below 1; returns the norm before.
    /// </summary>
    public static double Clip(TensorBlock gradients, float largest, ParallelUpdate parts)
    {
        var norm = Norm(gradients, parts);
        var factor = (float)(largest / (norm + Epsilon));
        // Also where the norm is not finite: such a gradient must reach the caller's eyes, not turn into zeros.
        if (factor < 1 && double.IsFinite(norm))
        {
            parts.Run((offset, length) =>
            {
                var part = gradients.Part(offset, length);
                TensorPrimitives.Multiply(part, factor, part);
            });
        }
        return norm;
    }
}
