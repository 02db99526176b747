using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>The sensitivity of each tensor by a profile: measured where it was measured, predicted elsewhere.</summary>
internal sealed class SensitivityTable
{
    private readonly NoiseModel? _model;
    private readonly Dictionary<string, MeasuredSensitivity> _measured = [];

    public SensitivityTable(TrainingGraph training, ActivationProfile? profile)
    {
        if (profile is null) return;
        _model = new NoiseModel(training, profile);
        SquaredNorm = profile.Parameters.Sum(parameter => parameter.GradientSquares);
        _measured = profile.Measured.ToDictionary(measured => measured.Name);
    }

    /// <summary>The squared norm of the whole gradient; 0 without a profile.</summary>
    public double SquaredNorm { get; }

    /// <summary>The sensitivity; null where nothing is known.</summary>
    public TensorSensitivity? Of(SavedTensor tensor)
    {
        var predicted = _model?.Of(tensor);
        if (!_measured.TryGetValue(tensor.Value.Name, out var measured)) return predicted;
        var format = new PackFormat(CodeWidths.FromLevels(measured.Levels), measured.ZeroExact);
        return TensorSensitivity.FromMeasurement(format, measured.Variance, measured.SquaredBias, predicted);
    }
}
