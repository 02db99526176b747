using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Training.Checkpoints;

/// <summary>
/// A file that is no valid ONNX Runtime checkpoint: truncated, damaged, or of a kind that is not supported.
/// </summary>
public sealed class CheckpointFormatException : OnnxActNNException
{
    internal CheckpointFormatException(string place, string problem, Exception? inner = null)
        : base($"{place}: {problem}", inner) => Place = place;

    /// <summary>Where the problem stands: file, then tensor, as far as known.</summary>
    public string Place { get; }
}
