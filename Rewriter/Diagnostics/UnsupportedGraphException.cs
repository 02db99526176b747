namespace OnnxActNN.Rewriter.Diagnostics;

/// <summary>
/// A valid ONNX file that is no training graph this library can work on. The message says what would help.
/// </summary>
public sealed class UnsupportedGraphException : OnnxActNNException
{
    internal UnsupportedGraphException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
