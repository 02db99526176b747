using OnnxActNN.Format;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>A tensor whose backward readers can be made to read it with noise.</summary>
/// <param name="Tensor">Its name.</param>
/// <param name="Strength">The graph's input, a float32 scalar, that the noise is multiplied by.</param>
/// <param name="Format">The code that the noise is of.</param>
internal sealed record Probe(string Tensor, string Strength, PackFormat Format);
