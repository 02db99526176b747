using FluentAssertions;
using OnnxActNN.Training.Optimizers;
using Xunit;

namespace OnnxActNN.CustomOps.Tests.Training;

/// <summary>The optimizers against their formulas, element by element in double precision.</summary>
public sealed class OptimizerTests
{
    private const int Elements = 77;
    private const int Steps = 5;
    private const float Rate = 0.01f;
    private const float Epsilon = 1e-3f;

    /// <summary>The defaults as float32 has them; 1 − β differs from 0.001 by one part in 20,000.</summary>
    private const double Alpha = 0.9f;

    private const double Beta = 0.999f;

    /// <summary>Relative to a weight of about 1: some roundings of float32 per step.</summary>
    private const double Tolerance = 1e-6;

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(0.9f, 0f)]
    [InlineData(0.9f, 0.1f)]
    [InlineData(0f, 0.1f)]
    public void Sgd_is_its_formula(float momentum, float decay)
    {
        var moments = new double[Elements];
        Check(new Sgd { Momentum = momentum, WeightDecay = decay }, (w, g, i, _) =>
        {
            moments[i] = momentum * moments[i] + g + decay * w;
            return w - Rate * moments[i];
        });
    }

    [Theory]
    [InlineData(AdamMode.PyTorch, true, 0.1f)]
    [InlineData(AdamMode.PyTorch, false, 0f)]
    [InlineData(AdamMode.Transformers, true, 0.1f)]
    [InlineData(AdamMode.Transformers, false, 0f)]
    public void AdamW_is_its_formula(AdamMode mode, bool correctBias, float decay)
    {
        var optimizer = new AdamW { Mode = mode, CorrectBias = correctBias, WeightDecay = decay, Epsilon = Epsilon };
        var (first, second) = (new double[Elements], new double[Elements]);
        Check(optimizer, (w, g, i, step) =>
        {
            first[i] = Alpha * first[i] + (1 - Alpha) * g;
            second[i] = Beta * second[i] + (1 - Beta) * g * g;
            var a = correctBias ? 1 - Math.Pow(Alpha, step) : 1;
            var b = correctBias ? 1 - Math.Pow(Beta, step) : 1;
            if (mode == AdamMode.PyTorch)
            {
                w -= Rate * decay * w;
                return w - Rate / a * first[i] / (Math.Sqrt(second[i] / b) + Epsilon);
            }
            w -= Rate * Math.Sqrt(b) / a * first[i] / (Math.Sqrt(second[i]) + Epsilon);
            return w - Rate * decay * w;
        });
    }

    private static void Check(IOptimizer optimizer, Func<double, double, int, int, double> formula)
    {
        var weights = Enumerable.Range(0, Elements).Select(i => MathF.Sin(i)).ToArray();
        var expected = weights.Select(w => (double)w).ToArray();
        var moments = Enumerable.Range(0, optimizer.Moments).Select(_ => new float[Elements]).ToList();
        for (var step = 1; step <= Steps; step++)
        {
            var gradients = Enumerable.Range(0, Elements).Select(i => MathF.Cos(3 * i + step)).ToArray();
            optimizer.Update(new OptimizerStep(step, Rate), new OptimizerPart
            {
                Parameters = weights,
                Gradients = gradients,
                FirstMoments = moments.ElementAtOrDefault(0),
                SecondMoments = moments.ElementAtOrDefault(1),
            });
            for (var i = 0; i < Elements; i++) expected[i] = formula(expected[i], gradients[i], i, step);
        }
        weights.Should().Equal(expected, (actual, want) => Math.Abs(actual - want) <= Tolerance);
    }
}
