using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>The sensitivity of each tensor by a profile: measured where it was measured, predicted elsewhere.</summary>
internal sealed class SensitivityTable
{
    private readonly NoiseModel? _model;
    private readonly RebuiltReaders _whenMeasured;
    private readonly Dictionary<string, MeasuredSensitivity> _measured = [];

    /// <param name="training">The graph.</param>
    /// <param name="profile">What was measured of it; null for nothing.</param>
    /// <param name="whenMeasured">What a rewrite rebuilds without a plan, as in measurements.</param>
    public SensitivityTable(TrainingGraph training, ActivationProfile? profile, RebuiltReaders whenMeasured)
    {
        _whenMeasured = whenMeasured;
        if (profile is null) return;
        _model = new NoiseModel(training, profile);
        SquaredNorm = profile.Parameters.Sum(parameter => parameter.GradientSquares);
        _measured = profile.Measured.ToDictionary(measured => measured.Name);
    }

    /// <summary>The squared norm of the whole gradient; 0 without a profile.</summary>
    public double SquaredNorm { get; }

    /// <summary>
    /// The sensitivity, at the tensor's own readers and those of what is rebuilt from it; null where nothing is known.
    /// </summary>
    public TensorSensitivity? Of(SavedTensor tensor, RebuiltReaders rebuilt)
    {
        var predicted = _model?.Of(tensor, rebuilt.Of(tensor));
        if (!_measured.TryGetValue(tensor.Value.Name, out var measured) || measured.OfDerivative) return predicted;
        var format = measured.ToFormat();
        var then = _model?.Of(
            tensor, _whenMeasured.Of(tensor).Where(pair => measured.Rebuilt.Contains(pair.Rebuilt.Value.Name)));
        return TensorSensitivity.FromMeasurement(format, measured.Variance, measured.SquaredBias, then, predicted);
    }

    /// <summary>
    /// The sensitivity to noise on the activation's derivative at a tensor; null where nothing is known.
    /// </summary>
    public TensorSensitivity? OfDerivative(SavedTensor tensor)
    {
        if (_measured.TryGetValue(tensor.Value.Name, out var measured) && measured.OfDerivative)
            return TensorSensitivity.FromMeasurement(measured.ToFormat(), measured.Variance, measured.SquaredBias);
        return _model?.OfDerivative(tensor) is { } variance
            ? new TensorSensitivity(variance, variance, variance)
            : null;
    }

    /// <summary>
    /// The part of a tensor's sensitivity that is at the readers of one that is rebuilt from it, predicted.
    /// </summary>
    public TensorSensitivity? Of(SavedTensor source, SavedTensor rebuilt, NoisePath path) =>
        _model?.Of(source, rebuilt, path);
}
