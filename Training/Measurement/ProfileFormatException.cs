using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Training.Measurement;

/// <summary>A file that is no profile of ONNX Runtime, or one of a run that was not what it should have been.</summary>
public sealed class ProfileFormatException : OnnxActNNException
{
    internal ProfileFormatException(string place, string problem, Exception? inner = null)
        : base($"{place}: {problem}", inner)
    {
    }
}
