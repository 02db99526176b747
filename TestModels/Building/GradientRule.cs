using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.TestModels.Building;

/// <summary>Writes the gradient of one operator.</summary>
/// <param name="writer">Where nodes and gradients go.</param>
/// <param name="forward">The node to differentiate.</param>
/// <param name="gradient">The gradient of its first output.</param>
internal delegate void GradientRule(BackwardWriter writer, Node forward, Value gradient);
