using Microsoft.ML.OnnxRuntime;

namespace OnnxActNN.Training.Gradients;

/// <summary>
/// A rewritten graph beside its original: the loss, and each parameter's gradient over many draws of the noise.
/// </summary>
/// <param name="Loss">Loss of the original.</param>
/// <param name="LossDifference">Largest difference of any draw's loss; 0 is right.</param>
/// <param name="PlainLossDifference">
/// The same without ONNX Runtime's optimizations, in one draw, where there is a difference with them: 0 says that it
/// fuses the two graphs differently, and rounds differently.
/// </param>
/// <param name="Draws">Draws of the noise.</param>
/// <param name="Parameters">The parameters, in the graph's order.</param>
internal sealed record Verification(
    double Loss, double LossDifference, double PlainLossDifference, int Draws,
    IReadOnlyList<VerifiedParameter> Parameters)
{
    /// <summary>
    /// A bias below this share of a parameter's gradient, or of a hundredth of the whole gradient's norm, counts as
    /// none.
    /// </summary>
    public const double LargestBias = 0.1;

    /// <summary>
    /// Most that an error may be, times the squared norm: a step along such a gradient is worth 1 / 11 of one along the
    /// exact gradient.
    /// </summary>
    public const double LargestError = 10;

    /// <summary>How many parameters a sentence names.</summary>
    private const int Named = 3;

    /// <summary>Mean of ‖ĝ − g‖² over all parameters.</summary>
    public double Error => Parameters.Sum(parameter => parameter.Error);

    /// <summary>‖g‖² over all parameters.</summary>
    public double SquaredNorm => Parameters.Sum(parameter => parameter.SquaredNorm);

    /// <summary><see cref="Error"/> over the squared norm of the whole gradient.</summary>
    public double RelativeError => Error / SquaredNorm;

    /// <summary>Σ over the parameters of the measured variance.</summary>
    public double Variance => Parameters.Sum(parameter => parameter.Variance);

    /// <summary>Measured variance over the squared norm of the whole gradient.</summary>
    public double RelativeVariance => Variance / SquaredNorm;

    /// <summary>
    /// Whether the losses differ only because ONNX Runtime fuses other operators in one graph than in the other.
    /// </summary>
    public bool IsFusedDifferently => LossDifference != 0 && PlainLossDifference == 0;

    /// <summary>Whether the original has a loss and a gradient that another can be compared with.</summary>
    public bool IsComparable => double.IsFinite(Loss) && double.IsFinite(SquaredNorm) && SquaredNorm > 0;

    /// <summary>Whether the whole gradient's error is above the limit.</summary>
    /// <param name="largestError">Most times the squared norm that an error may be.</param>
    public bool IsNoisy(double largestError) => Error > largestError * SquaredNorm;

    /// <summary>
    /// The parameters whose error is above the limit, those that make most of it first; where only the whole gradient's
    /// is above it, those that have most of that.
    /// </summary>
    /// <param name="largestError">Most times the squared norm that an error may be.</param>
    public IReadOnlyList<VerifiedParameter> Noisy(double largestError)
    {
        var norm = SquaredNorm;
        var byError = Parameters.OrderByDescending(parameter => parameter.Error).ToList();
        var noisy = byError.Where(parameter => parameter.IsNoisy(largestError, norm)).ToList();
        return noisy.Count == 0 && IsNoisy(largestError) ? byError[..Math.Min(Named, byError.Count)] : noisy;
    }

    /// <summary>What does not hold, a sentence each; empty where all does.</summary>
    /// <param name="largestBias">Share of a gradient's norm that a bias may have.</param>
    /// <param name="largestError">Most times the squared norm that an error may be.</param>
    public IReadOnlyList<string> Problems(double largestBias = LargestBias, double largestError = LargestError)
    {
        if (!IsComparable) return [NothingToCompare()];
        var problems = new List<string>();
        if (PlainLossDifference != 0)
            problems.Add(
                $"the loss differs by {LossDifference:E2}; the forward pass must be the original's to the last bit");
        problems.AddRange(Parameters.Where(parameter => !double.IsFinite(parameter.Error))
            .Select(parameter => $"the gradient of '{parameter.Name}' is not finite"));
        var norm = Math.Sqrt(SquaredNorm);
        problems.AddRange(Parameters.Where(parameter => parameter.IsBiased(largestBias, norm)).Select(parameter =>
            $"the gradient of '{parameter.Name}' is off by {parameter.RelativeBias:P1} on average, "
                + $"{parameter.BiasScore:F1} standard errors"));
        if (Noisy(largestError) is { Count: > 0 } noisy) problems.Add(Noise(noisy, largestError));
        return problems;
    }

    /// <summary>
    /// Runs both graphs at the same parameters and inputs, with the same session settings; where they drop elements,
    /// the same ones.
    /// </summary>
    /// <param name="graphs">The graphs, and the step.</param>
    /// <param name="draws">Draws of the noise, at least 2.</param>
    public static Verification Run(ComparedGraphs graphs, int draws)
    {
        using var pair = graphs.Open();
        var noise = new GradientNoise(pair.Exact);
        var tests = pair.Exact.ToDictionary(
            exact => exact.Key, exact => new BiasTest(Array.ConvertAll(exact.Value, x => (double)x)));
        double difference = 0;
        for (var draw = 0; draw < draws; draw++)
        {
            var (apart, gradients) = pair.Draw();
            difference = Math.Max(difference, apart);
            noise.Add(gradients);
            foreach (var (name, gradient) in gradients) tests[name].Add(Array.ConvertAll(gradient, x => (double)x));
        }
        return new Verification(
            pair.Loss, difference, difference == 0 ? 0 : PlainDifference(), draws,
            [.. pair.Parameters.Select(Describe)]);

        double PlainDifference()
        {
            var settings = graphs.Settings with { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL };
            using var plain = (graphs with { Settings = settings }).Open();
            return plain.Draw().LossDifference;
        }

        VerifiedParameter Describe(string name)
        {
            var squares = noise.SquaredNormOf(name);
            return new VerifiedParameter(
                name, squares, noise.CosineOf(name), noise.ErrorOf(name),
                Math.Sqrt(noise.SquaredBiasOf(name) / squares), tests[name].LargestZ, noise.VarianceOf(name));
        }
    }

    private string NothingToCompare()
    {
        const string Next = "verify with other inputs or parameters (--data, --entry, --checkpoint, --input-seed)";
        return SquaredNorm == 0
            ? $"the original's gradient is 0, so that nothing can be compared with it; {Next}"
            : $"the original's own loss ({Loss}) or gradient is not finite; {Next}";
    }

    private string Noise(IReadOnlyList<VerifiedParameter> noisy, double largestError)
    {
        var isWhole = IsNoisy(largestError);
        var names = noisy.Take(Named).Select(parameter => isWhole
            ? $"'{parameter.Name}' ({parameter.RelativeError:G3} times its own)"
            : $"'{parameter.Name}' ({parameter.RelativeError:G3} times its own squared norm, "
                + $"{parameter.Error / SquaredNorm:G3} times the whole gradient's)");
        var told = string.Join(", ", names) + (noisy.Count > Named ? $" and {noisy.Count - Named} more" : "");
        return isWhole
            ? $"the gradient's mean squared error is {RelativeError:G3} times its squared norm, above --largest-error "
                + $"{largestError:G3}; most of it in {told}"
            : $"mean squared errors are above --largest-error {largestError:G3}: {told}";
    }
}
