using OnnxActNN.TestModels.Building;

namespace OnnxActNN.TestModels.Models;

/// <summary>Small graphs with one difficulty each for analysis and rewriting.</summary>
internal static class EdgeCases
{
    /// <summary>
    /// A convolution, Relu, max pooling with saved indices, and a Flatten whose gradient reads a shape.
    /// </summary>
    public static ModelDefinition Pooled { get; } = style =>
    {
        var model = new ModelBuilder("pooled", style);
        var image = model.Data("input", 1, 28, 28);
        var labels = model.Labels("labels", 10);
        var x = image.Conv("conv0", 8, hasBias: true).Relu().MaxPool(2).Conv("conv1", 16).Relu().MaxPool(2);
        return (model, x.Flatten().Dense("head", 10).CrossEntropy(labels));
    };

    /// <summary>A saved tensor that the caller reads as an output as well.</summary>
    public static ModelDefinition SavedTensorIsOutput { get; } = style =>
    {
        var model = new ModelBuilder("features", style);
        var image = model.Data("input", 1, 28, 28);
        var labels = model.Labels("labels", 10);
        var features = image.Conv("conv0", 8).Relu();
        var loss = features.Conv("conv1", 8).Relu().GlobalAveragePool().Flatten().Dense("head", 10)
            .CrossEntropy(labels);
        model.Return(features);
        return (model, loss);
    };

    /// <summary>
    /// Constant weights in all places: the first (no gradient at all), one between trained ones (a gradient of the
    /// input alone), and a convolution right behind the frozen part (a gradient of the weight alone).
    /// </summary>
    public static ModelDefinition FrozenParts { get; } = style =>
    {
        var model = new ModelBuilder("frozen", style);
        var image = model.Data("input", 1, 28, 28);
        var labels = model.Labels("labels", 10);
        var x = image.Conv("conv0", 8, isFrozen: true).Relu()
            .Conv("conv1", 8).Relu()
            .Conv("conv2", 8, isFrozen: true).Relu()
            .Conv("conv3", 8, hasBias: true, isFrozen: true).Relu();
        return (model, x.GlobalAveragePool().Flatten().Dense("head", 10).CrossEntropy(labels));
    };

    /// <summary>One tensor that many read: twice as an operand of one node, and by two branches.</summary>
    public static ModelDefinition SharedTensor { get; } = style =>
    {
        var model = new ModelBuilder("shared", style);
        var image = model.Data("input", 1, 28, 28);
        var labels = model.Labels("labels", 10);
        var x = image.Conv("conv0", 8, hasBias: true).Relu();
        var sum = x.Add(x).Add(x.Conv("left", 8)).Add(x.Conv("right", 8, kernel: 1)).Relu();
        return (model, sum.GlobalAveragePool().Flatten().Dense("head", 10).CrossEntropy(labels));
    };
}
