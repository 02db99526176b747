namespace OnnxActNN.Rewriter.Analysis;

/// <summary>The moment with the most bytes alive.</summary>
/// <param name="Bytes">Bytes alive then.</param>
/// <param name="Step">Index of the node that runs then; -1 where nothing runs.</param>
/// <param name="Buffers">The buffers alive then, largest first.</param>
internal sealed record LivenessPeak(long Bytes, int Step, IReadOnlyList<string> Buffers);
