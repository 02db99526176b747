using OnnxActNN.TestModels.Building;

namespace OnnxActNN.TestModels.Models;

/// <summary>Three dense layers with Relu between.</summary>
internal static class Mlp
{
    public static ModelDefinition Define(long inputs, params long[] hidden) => style =>
    {
        var model = new ModelBuilder("mlp", style);
        var x = model.Data("input", inputs);
        var labels = model.Labels("labels", 10);
        for (var layer = 0; layer < hidden.Length; layer++) x = x.Dense($"hidden{layer}", hidden[layer]).Relu();
        return (model, x.Dense("head", 10).CrossEntropy(labels));
    };
}
