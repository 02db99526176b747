using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Prediction;

/// <summary>The named dimensions that a caller has to give sizes for.</summary>
internal static class OpenDimensions
{
    /// <summary>Names in the shapes of the graph's inputs that <paramref name="sizes"/> does not have.</summary>
    public static IReadOnlyList<string> Of(Graph graph, IReadOnlyDictionary<string, long> sizes) =>
    [
        .. graph.Inputs.SelectMany(input => input.Declared?.Shape ?? Shape.Scalar)
            .SelectMany(dimension => dimension.Names()).Distinct().Where(name => !sizes.ContainsKey(name)),
    ];
}
