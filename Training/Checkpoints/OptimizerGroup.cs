namespace OnnxActNN.Training.Checkpoints;

/// <summary>The state of an optimizer over a group of parameters.</summary>
/// <param name="Name">Name of the group; ONNX Runtime writes <c>group0</c>.</param>
/// <param name="Step">Steps taken.</param>
/// <param name="InitialLearningRate">Learning rate before any scheduler.</param>
/// <param name="States">One entry per parameter.</param>
public sealed record OptimizerGroup(
    string Name, long Step, float InitialLearningRate, IReadOnlyList<ParameterOptimizerState> States);
