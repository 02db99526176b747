using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// A symbolic size grew beyond what any real graph has; the file's dimension names are made to let it.
/// </summary>
public sealed class DimensionLimitException : OnnxActNNException
{
    internal DimensionLimitException(string text)
        : base($"The symbolic size '{Shorten(text)}' has grown too large to compute with; give the model fixed sizes.")
    {
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "...";
}
