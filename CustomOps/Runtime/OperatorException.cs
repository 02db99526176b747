namespace OnnxActNN.CustomOps;

/// <summary>
/// An operator of OnnxActNN cannot be registered or cannot run. The message names the place and the next step. Inside a
/// session it reaches the caller as ONNX Runtime's own exception, with the same message.
/// </summary>
public sealed class OperatorException : Exception
{
    /// <summary>An error without a message.</summary>
    public OperatorException()
    {
    }

    /// <summary>An error with its message.</summary>
    public OperatorException(string message) : base(message)
    {
    }

    /// <summary>An error with its message and cause.</summary>
    public OperatorException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
