using OnnxActNN.TestModels.Building;

namespace OnnxActNN.TestModels.Models;

/// <summary>
/// The sum of eight activations with a convolution before each, which are written in standard operators, as exporters
/// write what has no operator or no gradient of its own.
/// </summary>
internal static class WrittenActivations
{
    public static ModelDefinition Model { get; } = style =>
    {
        var model = new ModelBuilder("written-activations", style);
        var image = model.Data("input", 1, 28, 28);
        var labels = model.Labels("labels", 10);
        var x = image.Conv("stem", 8, stride: 2, hasBias: true).Relu();
        var sum = Silu(Before("silu"))
            .Add(Gelu(Before("gelu")))
            .Add(FastGelu(Before("fast_gelu")))
            .Add(Mish(Before("mish")))
            .Add(HardSwish(Before("hard_swish")))
            .Add(Elu(Before("elu")))
            .Add(Softplus(Before("softplus")))
            .Add(LogSigmoid(Before("log_sigmoid")));
        return (model, sum.GlobalAveragePool().Flatten().Dense("head", 10).CrossEntropy(labels));

        Tensor Before(string name) => x.Conv(name, 8, hasBias: true, gain: 1.5);
    };

    private static Tensor Silu(Tensor x) => x.Times(x.Map("Sigmoid"));

    private static Tensor Gelu(Tensor x) => x.Times(x.Over(1.4142135f).Map("Erf").Plus(1)).Times(0.5f);

    private static Tensor FastGelu(Tensor x)
    {
        var cube = x.Times(x.Times(x));
        return x.Times(x.Add(cube.Times(0.044715f)).Times(0.7978846f).Map("Tanh").Plus(1)).Times(0.5f);
    }

    private static Tensor Mish(Tensor x) => x.Times(Softplus(x).Map("Tanh"));

    private static Tensor HardSwish(Tensor x) => x.Times(x.Plus(3).Clip(0, 6).Over(6));

    private static Tensor Elu(Tensor x) => x.WherePositive(x, x.Clip(null, 0).Map("Exp").Plus(-1));

    private static Tensor Softplus(Tensor x) => x.Map("Exp").Plus(1).Map("Log");

    private static Tensor LogSigmoid(Tensor x) => x.Map("Sigmoid").Map("Log");
}
