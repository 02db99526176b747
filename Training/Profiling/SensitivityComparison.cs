using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Training.Profiling;

/// <summary>One tensor's predicted and measured variance.</summary>
/// <param name="Name">Name of the tensor.</param>
/// <param name="Readers">
/// Operators that read its value in the backward pass, each once, in order of their names.
/// </param>
/// <param name="Predicted">By <see cref="SensitivityTable"/>.</param>
/// <param name="Measured">Of draws with this tensor packed alone.</param>
/// <param name="BiasShare">Squared bias over variance, as measured.</param>
internal sealed record SensitivityComparison(
    string Name, string Readers, double Predicted, double Measured, double BiasShare)
{
    /// <summary>Within this factor a prediction counts as right.</summary>
    public const double Factor = 2;

    public double Ratio => Predicted / Measured;

    public bool IsClose => Ratio is >= 1 / Factor and <= Factor;

    /// <summary>Compares the measurements in a profile with the predictions from the rest of it.</summary>
    public static IReadOnlyList<SensitivityComparison> Of(Model model, ActivationProfile profile)
    {
        var training = TrainingGraph.Prepare(model);
        var sensitivities = new SensitivityTable(training, profile with { Measured = [] }, new RebuiltReaders([]));
        var policy = new StoragePolicy(new RewriteOptions { MinimumBytes = 0, Dimensions = profile.Dimensions });
        var (rebuilt, none) = (new RebuiltReaders(policy.Decide(training.Saved)), new RebuiltReaders([]));
        var saved = training.Saved.ToDictionary(tensor => tensor.Value.Name);
        var rows = new List<SensitivityComparison>();
        foreach (var measured in profile.Measured)
        {
            if (!saved.TryGetValue(measured.Name, out var tensor)) continue;
            var predicted = measured.OfDerivative
                ? sensitivities.OfDerivative(tensor)
                : sensitivities.Of(tensor, measured.Rebuilt.Count > 0 ? rebuilt : none);
            if (predicted is not { } sensitivity) continue;
            var format = measured.ToFormat();
            rows.Add(new SensitivityComparison(
                measured.Name, tensor.ValueReaders, sensitivity.VarianceAt(format), measured.Variance,
                measured.Variance > 0 ? measured.SquaredBias / measured.Variance : 0));
        }
        return rows;
    }
}
