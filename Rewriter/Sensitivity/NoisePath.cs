using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Sensitivity;

/// <summary>How noise on a packed tensor comes into one that is computed from it.</summary>
/// <param name="Source">The packed tensor.</param>
/// <param name="Scale">The scale of the normalization on the way; null where there is none.</param>
/// <param name="Masks">Values of Relu on the way, whose zeros let nothing through.</param>
internal sealed record NoisePath(Value Source, Value? Scale, IReadOnlyList<Value> Masks);
