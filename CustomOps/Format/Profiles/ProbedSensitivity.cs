namespace OnnxActNN.Format.Profiles;

/// <summary>What noise on one tensor did to the gradients, found by probing: see docs/planning.md.</summary>
/// <param name="Name">Name of the tensor.</param>
/// <param name="ZeroExact">Whether zeros stayed zeros.</param>
/// <param name="Draws">Draws of the noise.</param>
/// <param name="Variance">
/// E‖ĝ − g‖² over all parameters for noise as strong as that of a code of 256 levels: the part that grows as its
/// square.
/// </param>
/// <param name="Quartic">The part that grows as the fourth power: what nonlinear readers make of it.</param>
public sealed record ProbedSensitivity(string Name, bool ZeroExact, int Draws, double Variance, double Quartic);
