using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Training;

/// <summary>
/// Files, values or calls that do not fit a training session. The message names the object and the next step.
/// </summary>
public sealed class TrainingSessionException : OnnxActNNException
{
    internal TrainingSessionException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
