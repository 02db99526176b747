using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Rewriter.Onnx;

/// <summary>A file that is no valid ONNX model: truncated, damaged, or against the standard's rules.</summary>
public sealed class OnnxFormatException : OnnxActNNException
{
    internal OnnxFormatException(string place, string problem, Exception? inner = null)
        : base($"{place}: {problem}", inner) => Place = place;

    /// <summary>Where the problem stands: file, then graph, node, attribute or tensor, as far as known.</summary>
    public string Place { get; }
}
