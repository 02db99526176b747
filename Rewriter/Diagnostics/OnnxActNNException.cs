namespace OnnxActNN.Rewriter.Diagnostics;

/// <summary>
/// Base of every error this library raises on purpose. The message names the place and the next step.
/// </summary>
public abstract class OnnxActNNException : Exception
{
    private protected OnnxActNNException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
