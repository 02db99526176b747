using static OnnxActNN.EndToEnd.Tests.Lowering.CaseTensor;
using static OnnxActNN.EndToEnd.Tests.Lowering.OperatorCase;

namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>Transposed convolutions, average pools, resizes, and dropout outside of training.</summary>
internal static class AdjointCases
{
    public static IEnumerable<AdjointCase> All() =>
    [
        .. ConvTranspose("plain", [2, 3, 4, 5], [3, 4, 2, 2], [2, 2], [0, 0, 0, 0], [0, 0], 1),
        .. ConvTranspose("pads and output padding", [2, 3, 4, 5], [3, 4, 3, 3], [2, 2], [1, 1, 1, 1], [1, 1], 1),
        .. ConvTranspose("groups", [2, 4, 4, 5], [4, 3, 3, 3], [1, 2], [1, 0, 1, 0], [0, 1], 2),
        AveragePool("halves", [2, 3, 8, 6], [2, 2], [2, 2], [0, 0, 0, 0], ceil: 0, includePads: 1),
        AveragePool("pads counted", [2, 3, 7, 7], [3, 3], [1, 1], [1, 1, 1, 1], ceil: 0, includePads: 1),
        AveragePool("pads not counted", [2, 3, 7, 7], [3, 3], [2, 2], [1, 1, 1, 1], ceil: 0, includePads: 0),
        AveragePool("ceil mode", [2, 3, 8, 7], [3, 2], [2, 2], [0, 0, 0, 0], ceil: 1, includePads: 0),
        AveragePool("rest left out", [1, 2, 8, 9], [3, 3], [3, 2], [0, 0, 0, 0], ceil: 0, includePads: 0),
        AveragePool("one axis", [2, 3, 10], [4], [2], [1, 1], ceil: 0, includePads: 0),
        DropoutWithoutTraining(Bools([], _ => false)),
        DropoutWithoutTraining(null),
        Resize("linear, half pixel", [2, 3, 4, 5], [8, 15], "linear", "half_pixel"),
        Resize("linear, half pixel, down", [2, 3, 9, 8], [4, 3], "linear", "half_pixel"),
        Resize("linear, aligned corners", [2, 3, 4, 5], [7, 9], "linear", "align_corners"),
        Resize("linear, asymmetric", [2, 3, 4, 5], [8, 10], "linear", "asymmetric"),
        Resize("linear, PyTorch's half pixel", [2, 3, 4, 5], [8, 1], "linear", "pytorch_half_pixel"),
        Resize("nearest, asymmetric, floor", [2, 3, 4, 5], [8, 15], "nearest", "asymmetric", "floor"),
        Resize("nearest, half pixel, ceil", [2, 3, 4, 5], [7, 11], "nearest", "half_pixel", "ceil"),
        Resize("nearest, half pixel, prefer floor", [2, 3, 4, 6], [8, 3], "nearest", "half_pixel",
            "round_prefer_floor"),
        Resize("nearest, half pixel, prefer ceil", [2, 3, 4, 6], [8, 3], "nearest", "half_pixel", "round_prefer_ceil"),
    ];

    /// <summary>The gradients with respect to data and weight.</summary>
    private static IEnumerable<AdjointCase> ConvTranspose(
        string name, long[] x, long[] w, long[] strides, long[] pads, long[] outputPadding, long group)
    {
        var axes = strides.Length;
        long[] y = [x[0], w[1] * group, .. Enumerable.Range(0, axes).Select(axis =>
            strides[axis] * (x[axis + 2] - 1) + outputPadding[axis] + w[axis + 2] - pads[axis] - pads[axis + axes])];
        var (data, weight) = (Uniform(2, x), Uniform(3, w));
        yield return new AdjointCase(
            $"ConvTranspose, {name}, data", v => Forward(v, weight), x, y, dY => Gradient(dY).To(x));
        yield return new AdjointCase(
            $"ConvTranspose, {name}, weight", v => Forward(data, v), w, y, dY => Gradient(dY).Without().To(w));

        OperatorCase Forward(CaseTensor x, CaseTensor w) => Attributes(OfOnnx("ConvTranspose").With(x, w).To(y));
        OperatorCase Gradient(CaseTensor dY) => Attributes(OfMicrosoft("ConvTransposeGrad").With(dY, data, weight));
        OperatorCase Attributes(OperatorCase one) => one
            .With("strides", strides).With("pads", pads).With("output_padding", outputPadding).With("group", group)
            .With("kernel_shape", w[2..]);
    }

    private static AdjointCase AveragePool(
        string name, long[] x, long[] kernel, long[] strides, long[] pads, long ceil, long includePads)
    {
        var axes = kernel.Length;
        long[] y = [x[0], x[1], .. Enumerable.Range(0, axes).Select(axis =>
            (x[axis + 2] + pads[axis] + pads[axis + axes] - kernel[axis] + ceil * (strides[axis] - 1))
            / strides[axis] + 1)];
        return new AdjointCase(
            $"AveragePool, {name}", v => Attributes(OfOnnx("AveragePool").With(v).To(y)), x, y,
            dY => Attributes(OfOnnx("AveragePoolGrad").With(dY).To(x)));

        OperatorCase Attributes(OperatorCase one) => one
            .With("kernel_shape", kernel).With("strides", strides).With("pads", pads).With("ceil_mode", ceil)
            .With("count_include_pad", includePads);
    }

    private static AdjointCase DropoutWithoutTraining(CaseTensor? mode)
    {
        long[] sizes = [4, 9];
        var ratio = Floats([], _ => 0.3);
        return new AdjointCase(
            $"Dropout, {(mode is null ? "no mode" : "mode false")}",
            v => OfOnnx("Dropout").With(v, ratio, mode).To(sizes), sizes, sizes,
            dY => OfMicrosoft("DropoutGrad").With(dY, Bools(sizes, _ => true), ratio, mode).To(sizes));
    }

    private static AdjointCase Resize(
        string name, long[] x, long[] spatial, string mode, string coordinates, string nearest = "round_prefer_floor")
    {
        long[] y = [x[0], x[1], .. spatial];
        return new AdjointCase(
            $"Resize, {name}", v => Attributes(OfOnnx("Resize").With(v, null, null, Constant(y)).To(y)), x, y,
            dY => Attributes(OfMicrosoft("ResizeGrad").With(dY, Uniform(2, x), null, null).To(x)));

        OperatorCase Attributes(OperatorCase one) => one
            .With("mode", mode).With("coordinate_transformation_mode", coordinates).With("nearest_mode", nearest);
    }
}
