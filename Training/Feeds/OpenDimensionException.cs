using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Training.Feeds;

/// <summary>An input cannot be made because a dimension of its shape has a name, and the name no size.</summary>
public sealed class OpenDimensionException : OnnxActNNException
{
    internal OpenDimensionException(GraphInput input, IReadOnlyDictionary<string, long> dimensions)
        : base(
            $"input '{input.Name}' has shape {input.Shape}: give a size for {OpenNames(input, dimensions)}, "
            + "as --dim NAME=8 does")
    {
    }

    private static string OpenNames(GraphInput input, IReadOnlyDictionary<string, long> dimensions)
    {
        var open = input.Shape.Where(dimension => dimension.Evaluate(dimensions) is null);
        return string.Join(", ", open.Select(dimension => $"'{dimension}'").Distinct());
    }
}
