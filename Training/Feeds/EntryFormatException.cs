using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Training.Feeds;

/// <summary>A file that is no entry of a zoo of training graphs.</summary>
public sealed class EntryFormatException : OnnxActNNException
{
    internal EntryFormatException(string path, Exception reason)
        : base($"{path}: is no entry of a model zoo ({reason.Message})", reason)
    {
    }
}
