using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Rewriter.Plans;

/// <summary>
/// A file is no plan, or plan, profile and graph do not belong together. The message names the next step.
/// </summary>
public sealed class PlanFormatException : OnnxActNNException
{
    internal PlanFormatException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
