using OnnxActNN.Training.Loops;
using OnnxActNN.Training.Measurement;

namespace OnnxActNN.Tools.Demo;

/// <summary>One of the demo's two trainings.</summary>
/// <param name="Last">Its last epoch.</param>
/// <param name="Execution">What a step saves, and its liveness.</param>
internal sealed record DemoRun(EpochResult Last, ExecutionMeasurement Execution);
