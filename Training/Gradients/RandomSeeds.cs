using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Gradients;

/// <summary>
/// Gives the operators that draw random numbers seeds. Without one ONNX Runtime draws from a generator that all
/// sessions of the process share, and no two runs drop the same elements.
/// </summary>
internal static class RandomSeeds
{
    /// <summary>
    /// The seed of each such node is its place among them. Graphs that have the same ones in the same order, as a graph
    /// and its rewritten form do, draw the same numbers in their n-th runs.
    /// </summary>
    /// <returns>How many there are.</returns>
    public static int Fix(Graph graph)
    {
        var count = 0;
        foreach (var node in graph.Nodes)
        {
            if (SeedOf(node.Operator.Type, count + 1) is not { } seed) continue;
            node.Attributes.Set("seed", seed);
            count++;
        }
        return count;
    }

    /// <summary>ONNX declares the seed of dropout as an integer, and those of the other operators as a float.</summary>
    private static AttributeValue? SeedOf(string type, int place) => type switch
    {
        "Dropout" or "BitmaskDropout" or "BiasDropout" or "BitmaskBiasDropout" or "BiasSoftmaxDropout" =>
            new AttributeValue.Int(place),
        "RandomNormal" or "RandomNormalLike" or "RandomUniform" or "RandomUniformLike" or "Bernoulli"
            or "Multinomial" => new AttributeValue.Float(place),
        _ => null,
    };
}
