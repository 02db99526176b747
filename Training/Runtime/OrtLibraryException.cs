using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Training.Runtime;

/// <summary>
/// The native ONNX Runtime that was asked for is missing, cannot be loaded, or cannot do what is wanted.
/// </summary>
public sealed class OrtLibraryException : OnnxActNNException
{
    internal OrtLibraryException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
