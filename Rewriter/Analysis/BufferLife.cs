namespace OnnxActNN.Rewriter.Analysis;

/// <summary>The life of one buffer.</summary>
/// <param name="Buffer">The value that owns it.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="First">Index of the step that makes it.</param>
/// <param name="Last">Index of the last step that touches it.</param>
internal sealed record BufferLife(string Buffer, long Bytes, int First, int Last);
