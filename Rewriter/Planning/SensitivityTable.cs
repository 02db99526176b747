using OnnxActNN.Format;
using OnnxActNN.Format.Profiles;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.Sensitivity;

namespace OnnxActNN.Rewriter.Planning;

/// <summary>The sensitivity of each tensor by a profile: measured where it was measured, predicted elsewhere.</summary>
internal sealed class SensitivityTable
{
    private readonly NoiseModel? _model;
    private readonly Dictionary<string, TensorSensitivity> _measured = [];

    public SensitivityTable(TrainingGraph training, ActivationProfile? profile)
    {
        if (profile is null) return;
        _model = new NoiseModel(training, profile);
        SquaredNorm = profile.Parameters.Sum(parameter => parameter.GradientSquares);
        foreach (var measured in profile.Measured)
        {
            var format = new PackFormat(CodeWidths.FromLevels(measured.Levels), measured.ZeroExact);
            _measured[measured.Name] = TensorSensitivity.FromMeasurement(format, measured.Variance, measured.SquaredBias);
        }
    }

    /// <summary>The squared norm of the whole gradient; 0 without a profile.</summary>
    public double SquaredNorm { get; }

    /// <summary>The sensitivity; null where nothing is known.</summary>
    public TensorSensitivity? Of(SavedTensor tensor) => _measured.GetValueOrDefault(tensor.Value.Name) ?? _model?.Of(tensor);
}
