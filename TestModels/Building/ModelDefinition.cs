using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.TestModels.Building;

/// <summary>
/// The forward pass of a model, and its loss; the style decides how the backward pass will be written.
/// </summary>
internal delegate (ModelBuilder Model, Value Loss) ModelDefinition(GradientStyle style);
