using Microsoft.ML.OnnxRuntime;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Training.Checkpoints;
using OnnxActNN.Training.Feeds;
using OnnxActNN.Training.Runtime;

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

    /// <summary>Σ over the parameters of the measured variance.</summary>
    public double Variance => Parameters.Sum(parameter => parameter.Variance);

    /// <summary>Measured variance over the squared norm of the whole gradient.</summary>
    public double RelativeVariance => Variance / Parameters.Sum(parameter => parameter.SquaredNorm);

    /// <summary>
    /// Whether the losses differ only because ONNX Runtime fuses other operators in one graph than in the other.
    /// </summary>
    public bool IsFusedDifferently => LossDifference != 0 && PlainLossDifference == 0;

    /// <summary>What does not hold, a sentence each; empty where all does.</summary>
    public IReadOnlyList<string> Problems(double largestBias = LargestBias)
    {
        var problems = new List<string>();
        if (PlainLossDifference != 0)
            problems.Add(
                $"the loss differs by {LossDifference:E2}; the forward pass must be the original's to the last bit");
        problems.AddRange(
            Parameters.Where(parameter => !double.IsFinite(parameter.RelativeError) && parameter.SquaredNorm > 0)
            .Select(parameter => $"the gradient of '{parameter.Name}' is not finite"));
        var norm = Math.Sqrt(Parameters.Sum(parameter => parameter.SquaredNorm));
        problems.AddRange(Parameters.Where(parameter => parameter.IsBiased(largestBias, norm)).Select(parameter =>
            $"the gradient of '{parameter.Name}' is off by {parameter.RelativeBias:P1} on average, "
                + $"{parameter.BiasScore:F1} standard errors"));
        return problems;
    }

    /// <summary>
    /// Runs both graphs at the same parameters and inputs, with the same session settings; where they drop elements,
    /// the same ones.
    /// </summary>
    /// <param name="original">Gives the graph as exported, anew each time, as a run uses it up.</param>
    /// <param name="rewritten">Gives the graph to verify, the same each time.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="feeds">The inputs of the step.</param>
    /// <param name="loss">Name of the loss.</param>
    /// <param name="draws">Draws of the noise, at least 2.</param>
    /// <param name="settings">How both sessions are opened.</param>
    public static Verification Run(
        Func<Model> original, Func<Model> rewritten, Checkpoint parameters, FeedBatch feeds, string loss, int draws,
        SessionSettings settings)
    {
        using var pair = Open(settings);
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
            using var plain = Open(settings with { Optimization = GraphOptimizationLevel.ORT_DISABLE_ALL });
            return plain.Draw().LossDifference;
        }

        GradientPair Open(SessionSettings opened) => new(original(), rewritten(), parameters, feeds, loss, opened);

        VerifiedParameter Describe(string name)
        {
            var squares = noise.SquaredNormOf(name);
            return new VerifiedParameter(
                name, squares, noise.CosineOf(name), (noise.VarianceOf(name) + noise.SquaredBiasOf(name)) / squares,
                Math.Sqrt(noise.SquaredBiasOf(name) / squares), tests[name].LargestZ, noise.VarianceOf(name));
        }
    }
}
