namespace OnnxActNN.Training.Runtime;

/// <summary>The native ONNX Runtime that was asked for is missing, cannot be loaded, or cannot do what is wanted.</summary>
public sealed class OrtLibraryException : Exception
{
    /// <summary>With a message that says the next step.</summary>
    public OrtLibraryException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
