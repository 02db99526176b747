using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Training.Feeds;

/// <summary>An input cannot be made because a dimension of its shape has a name, and the name no size.</summary>
public sealed class OpenDimensionException : OnnxActNNException
{
    internal OpenDimensionException(GraphInput input)
        : base($"input '{input.Name}' has shape {input.Shape}: give a size for each of its names, as --dim batch=8 does")
    {
    }
}
