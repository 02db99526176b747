using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Training.Measurement;

/// <summary>A measuring process could not measure, or ended without an answer.</summary>
public sealed class MeasureException : OnnxActNNException
{
    internal MeasureException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
