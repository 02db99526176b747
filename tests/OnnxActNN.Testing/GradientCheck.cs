using FluentAssertions;

namespace OnnxActNN.Testing;

/// <summary>Compares gradients with differences of the loss.</summary>
internal static class GradientCheck
{
    /// <summary>
    /// Relative: the loss's rounding (2⁻²² against twice <see cref="Change"/>) and the bend between the points.
    /// </summary>
    public const double Tolerance = 0.03;

    /// <summary>
    /// The same behind batch normalization, which puts many values near zero: Relus change sides on the way, and a
    /// tenth was measured.
    /// </summary>
    public const double NormalizedTolerance = 0.2;

    /// <summary>
    /// How far the loss is moved: four hundred times its rounding, so little that few Relus change sides.
    /// </summary>
    private const double Change = 1e-4;

    /// <summary>The longest step in any parameter, where its gradient is small.</summary>
    private const double LongestStep = 0.05;

    /// <summary>
    /// For each parameter, the slope of the loss along the gradient's direction is the gradient's norm (central
    /// difference).
    /// </summary>
    public static void SlopesAreGradientNorms(TestModelRun run, double tolerance = Tolerance)
    {
        var gradients = run.Run().Gradients;
        foreach (var (name, gradient) in gradients)
        {
            var norm = Math.Sqrt(gradient.Sum(x => (double)x * x));
            norm.Should().BePositive($"'{name}' takes part in the loss");
            var step = Math.Min(Change / norm, LongestStep);
            var slope = (LossAt(run, name, gradient, step / norm) - LossAt(run, name, gradient, -step / norm))
                / (2 * step);
            slope.Should().BeApproximately(norm, tolerance * norm, $"that is the norm of the gradient of '{name}'");
        }
    }

    private static double LossAt(TestModelRun run, string name, float[] direction, double factor)
    {
        var values = run.Parameters[name];
        var before = values.ToArray();
        for (var index = 0; index < values.Length; index++)
            values[index] = (float)(before[index] + factor * direction[index]);
        var loss = run.Run().Loss;
        before.CopyTo(values, 0);
        return loss;
    }
}
