using static OnnxActNN.EndToEnd.Tests.Lowering.CaseTensor;

namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>
/// Convolutions: few and many channels, groups, strides with and without a rest, dilations, equal and unequal pads, one
/// to three axes.
/// </summary>
internal static class ConvolutionCases
{
    public static IEnumerable<OperatorCase> All()
    {
        yield return Conv("plain", [2, 3, 7, 8], [4, 3, 3, 3], [1, 1], [1, 1], [0, 0, 0, 0], 1);
        yield return Conv("same pads", [2, 3, 7, 8], [4, 3, 3, 3], [1, 1], [1, 1], [1, 1, 1, 1], 1);
        yield return Conv("stride 2, no rest", [2, 3, 9, 9], [4, 3, 3, 3], [2, 2], [1, 1], [1, 1, 1, 1], 1);
        yield return Conv("stride 2, rest 1", [2, 3, 8, 8], [4, 3, 3, 3], [2, 2], [1, 1], [1, 1, 1, 1], 1);
        yield return Conv("stride 3 and 2, rests", [2, 3, 11, 10], [4, 3, 3, 2], [3, 2], [1, 1], [0, 0, 0, 0], 1);
        yield return Conv("dilation 2", [2, 3, 9, 9], [4, 3, 3, 3], [1, 1], [2, 2], [2, 2, 2, 2], 1);
        yield return Conv("dilation and stride", [2, 3, 12, 11], [4, 3, 3, 3], [2, 3], [2, 1], [1, 0, 1, 0], 1);
        yield return Conv("unequal pads", [2, 3, 7, 8], [4, 3, 3, 3], [1, 1], [1, 1], [0, 1, 2, 0], 1);
        yield return Conv("unequal pads, stride 2", [2, 3, 8, 9], [4, 3, 3, 3], [2, 2], [1, 1], [0, 1, 1, 0], 1);
        yield return Conv("two groups", [2, 4, 7, 7], [6, 2, 3, 3], [1, 1], [1, 1], [1, 1, 1, 1], 2);
        yield return Conv("depthwise", [3, 4, 8, 8], [4, 1, 3, 3], [2, 2], [1, 1], [1, 1, 1, 1], 4);
        yield return Conv("depthwise, two outputs each", [2, 3, 6, 6], [6, 1, 3, 3], [1, 1], [1, 1], [1, 1, 1, 1], 3);
        yield return Conv(
            "groups, unequal pads, dilation", [2, 4, 9, 10], [8, 1, 2, 3], [2, 1], [1, 2], [1, 0, 0, 3], 4);
        yield return Conv("pointwise", [3, 5, 4, 6], [7, 5, 1, 1], [1, 1], [1, 1], [0, 0, 0, 0], 1);
        yield return Conv("pointwise, stride 2", [3, 5, 5, 6], [7, 5, 1, 1], [2, 2], [1, 1], [0, 0, 0, 0], 1);
        yield return Conv("many channels", [2, 16, 7, 8], [4, 16, 3, 3], [1, 1], [1, 1], [0, 0, 0, 0], 1);
        yield return Conv(
            "many channels, pads, stride 2, rest", [3, 17, 8, 9], [5, 17, 3, 2], [2, 2], [1, 1], [1, 0, 1, 1], 1);
        yield return Conv(
            "many channels, dilation and stride", [2, 16, 12, 11], [4, 16, 2, 3], [3, 1], [2, 3], [2, 0, 1, 3], 1);
        yield return Conv("many channels, one axis", [2, 20, 12], [4, 20, 5], [2], [1], [2, 2], 1);
        yield return Conv("one axis", [2, 3, 12], [4, 3, 5], [2], [1], [2, 2], 1);
        yield return Conv("three axes", [2, 2, 5, 5, 6], [3, 2, 3, 3, 3], [1, 2, 1], [1, 1, 1], [1, 1, 1, 1, 1, 1], 1);
        yield return Conv("window as large as the data", [2, 3, 4, 4], [5, 3, 4, 4], [1, 1], [1, 1], [0, 0, 0, 0], 1);
    }

    private static OperatorCase Conv(
        string name, long[] x, long[] w, long[] strides, long[] dilations, long[] pads, long group)
    {
        var axes = strides.Length;
        long[] y = [x[0], w[0], .. Enumerable.Range(0, axes).Select(axis =>
            (x[axis + 2] + pads[axis] + pads[axis + axes] - dilations[axis] * (w[axis + 2] - 1) - 1)
            / strides[axis] + 1)];
        return OperatorCase.OfMicrosoft("ConvGrad", name)
            .With(Uniform(1, y).OfAnyBatch(), Uniform(2, x).OfAnyBatch(), Uniform(3, w))
            .With("strides", strides).With("dilations", dilations).With("pads", pads).With("group", group)
            .With("kernel_shape", w[2..]).With("auto_pad", "NOTSET")
            .To(x).To(w).To(w[0]);
    }
}
