using OnnxActNN.Training.Measurement;
using OnnxActNN.Training.Prediction;

namespace OnnxActNN.Tools.Reporting;

/// <summary>One of the models in a report.</summary>
/// <param name="Label">What the report calls it: <c>original</c> or <c>rewritten</c>.</param>
/// <param name="Path">Its file.</param>
/// <param name="Prediction">Its memory, worked out.</param>
/// <param name="Measured">What was measured of it; null where nothing was.</param>
/// <param name="Execution">Order and liveness of the measured step; null where nothing was measured.</param>
internal sealed record ReportedModel(
    string Label, string Path, MemoryPrediction Prediction, MeasuredModel? Measured = null,
    ExecutionMeasurement? Execution = null);
