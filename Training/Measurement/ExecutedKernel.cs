namespace OnnxActNN.Training.Measurement;

/// <summary>One kernel's run, from a session's profile.</summary>
/// <param name="Node">Name of the node in the graph as the session's optimizers left it.</param>
/// <param name="Operator">Operator type, without domain.</param>
/// <param name="Duration">Time within the kernel.</param>
/// <param name="Inputs">The inputs, without those left out.</param>
/// <param name="Outputs">The outputs, without those left out.</param>
internal sealed record ExecutedKernel(
    string Node, string Operator, TimeSpan Duration, IReadOnlyList<ProfiledTensor> Inputs,
    IReadOnlyList<ProfiledTensor> Outputs);
