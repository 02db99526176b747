using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Training.Data;

/// <summary>A file of samples that is damaged, or of a kind that is not supported.</summary>
public sealed class DataFormatException : OnnxActNNException
{
    internal DataFormatException(string path, string problem, Exception? inner = null)
        : base($"{path}: {problem}", inner)
    {
    }
}
