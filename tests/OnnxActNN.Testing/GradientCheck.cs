using FluentAssertions;

namespace OnnxActNN.Testing;

/// <summary>Compares gradients with differences of the loss.</summary>
internal static class GradientCheck
{
    /// <summary>
    /// How far the loss is moved: four hundred times its rounding, and so little that few Relus change sides (behind batch
    /// normalization, ten times more bends the slope by a tenth).
    /// </summary>
    private const double Change = 1e-4;

    /// <summary>The longest step in any parameter, where its gradient is small.</summary>
    private const double LongestStep = 0.05;

    /// <summary>Relative: rounding of the loss (2⁻²² against <see cref="Change"/>) and the bend between the two points.</summary>
    private const double Tolerance = 0.03;

    /// <summary>
    /// For each parameter, the slope of the loss along the gradient's direction is the gradient's norm (central difference).
    /// </summary>
    public static void SlopesAreGradientNorms(TestModelRun run)
    {
        var gradients = run.Run().Gradients;
        foreach (var (name, gradient) in gradients)
        {
            var norm = Math.Sqrt(gradient.Sum(x => (double)x * x));
            norm.Should().BePositive($"'{name}' takes part in the loss");
            var step = Math.Min(Change / norm, LongestStep);
            var slope = (LossAt(run, name, gradient, step / norm) - LossAt(run, name, gradient, -step / norm)) / (2 * step);
            slope.Should().BeApproximately(norm, Tolerance * norm, $"that is the norm of the gradient of '{name}'");
        }
    }

    private static double LossAt(TestModelRun run, string name, float[] direction, double factor)
    {
        var values = run.Parameters[name];
        var before = values.ToArray();
        for (var index = 0; index < values.Length; index++) values[index] = (float)(before[index] + factor * direction[index]);
        var loss = run.Run().Loss;
        before.CopyTo(values, 0);
        return loss;
    }
}
