using OnnxActNN.TestModels.Building;

namespace OnnxActNN.TestModels.Models;

/// <summary>
/// Residual networks on planes of 28, 14 and 7: a stem, then per stage blocks of two convolutions with a shortcut. With
/// batch normalization in ONNX Runtime's form; without, the second convolution of each block starts small, which keeps
/// deep ones trainable.
/// </summary>
internal static class ResidualNet
{
    /// <param name="hasBatchNorm">Whether each convolution is followed by batch normalization.</param>
    /// <param name="channels">Channels of each stage; each stage after the first halves the plane.</param>
    /// <param name="blocks">Blocks per stage.</param>
    /// <param name="plane">Side of the input's plane.</param>
    /// <param name="stemStride">Stride of the stem; 2 halves the plane before the first stage.</param>
    public static ModelDefinition Define(
        bool hasBatchNorm, long[] channels, int blocks, long plane = 28, long stemStride = 1) => style =>
    {
        var model = new ModelBuilder("residual", style);
        var image = model.Data("input", 1, plane, plane);
        var labels = model.Labels("labels", 10);
        var x = Normalize(
            image.Conv("stem", channels[0], stride: stemStride, hasBias: !hasBatchNorm), "stem.norm", hasBatchNorm)
            .Relu();
        for (var stage = 0; stage < channels.Length; stage++)
        {
            for (var block = 0; block < blocks; block++)
                x = Block(x, $"stage{stage}.{block}", channels[stage], stage > 0 && block == 0 ? 2 : 1, hasBatchNorm);
        }
        return (model, x.GlobalAveragePool().Flatten().Dense("head", 10).CrossEntropy(labels));
    };

    private static Tensor Block(Tensor x, string name, long channels, long stride, bool hasBatchNorm)
    {
        var inner = Normalize(
            x.Conv($"{name}.a", channels, stride: stride, hasBias: !hasBatchNorm), $"{name}.a.norm", hasBatchNorm)
            .Relu();
        var branch = Normalize(
            inner.Conv($"{name}.b", channels, hasBias: !hasBatchNorm, gain: hasBatchNorm ? 1 : 0.3),
            $"{name}.b.norm", hasBatchNorm);
        var shortcut = stride == 1
            ? x
            : Normalize(x.Conv($"{name}.down", channels, kernel: 1, stride: stride), $"{name}.down.norm", hasBatchNorm);
        return branch.Add(shortcut).Relu();
    }

    private static Tensor Normalize(Tensor x, string name, bool hasBatchNorm) => hasBatchNorm ? x.BatchNorm(name) : x;
}
