using static OnnxActNN.EndToEnd.Tests.Lowering.CaseTensor;
using static OnnxActNN.EndToEnd.Tests.Lowering.OperatorCase;

namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>The configurations at which lowered operators are compared with ONNX Runtime's own.</summary>
internal static class RecipeCases
{
    public static IEnumerable<OperatorCase> All() =>
    [
        .. Activations(), .. Softmax(), .. ConvolutionCases.All(), .. Pools(), .. NormalizationCases.All(),
        .. Dropout(), .. LossCases.All(),
        .. MoveCases.All(), .. RecurrentCases.All(),
    ];

    private static IEnumerable<OperatorCase> Activations()
    {
        long[] sizes = [3, 5, 7];
        var dY = Uniform(1, sizes);
        // Both signs, zeros, and values where the functions saturate.
        var x = Floats(sizes, index => index % 11 == 0 ? 0 : 6 * Math.Sin(1.3 * index));
        var inside = Floats(sizes, index => 0.99 * Math.Sin(0.7 * index));
        var share = Floats(sizes, index => 0.5 + 0.499 * Math.Sin(0.7 * index));
        yield return OfMicrosoft("ReluGrad").With(dY, x).To(sizes);
        yield return OfMicrosoft("LeakyReluGrad").With(dY, x).To(sizes);
        yield return OfMicrosoft("LeakyReluGrad", "alpha 0.3").With(dY, x).With("alpha", 0.3f).To(sizes);
        yield return OfMicrosoft("SigmoidGrad").With(dY, share).To(sizes);
        yield return OfMicrosoft("TanhGrad").With(dY, inside).To(sizes);
        yield return OfMicrosoft("GeluGrad").With(dY, x).To(sizes);
        yield return OfMicrosoft("FastGeluGrad").With(dY, x).To(sizes);
        yield return OfMicrosoft("QuickGeluGrad").With(dY, x).To(sizes);
        yield return OfMicrosoft("QuickGeluGrad", "SiLU").With(dY, x).With("alpha", 1f).To(sizes);
        yield return OfMicrosoft("BiasGeluGrad_dX").With(dY, x, Uniform(2, 7)).To(sizes);
        yield return OfMicrosoft("BiasFastGeluGrad_dX").With(dY, x, Uniform(2, 7)).To(sizes);
    }

    private static IEnumerable<OperatorCase> Softmax()
    {
        long[] sizes = [2, 6, 5];
        var dY = Uniform(1, sizes);
        var y = Floats(sizes, index => 0.2 + 0.1 * Math.Sin(index));
        var logarithms = Floats(sizes, index => Math.Log(0.2 + 0.1 * Math.Sin(index)));
        foreach (var axis in (long[])[0, 1, 2, -1, -2])
        {
            yield return OfMicrosoft("SoftmaxGrad_13", $"axis {axis}").With(dY, y).With("axis", axis).To(sizes);
            yield return OfMicrosoft("LogSoftmaxGrad_13", $"axis {axis}").With(dY, logarithms).With("axis", axis)
                .To(sizes);
        }
        foreach (var axis in (long[])[1, 2])
        {
            yield return OfMicrosoft("SoftmaxGrad", $"axis {axis}").With(dY, y).With("axis", axis).To(sizes);
            yield return OfMicrosoft("LogSoftmaxGrad", $"axis {axis}").With(dY, logarithms).With("axis", axis)
                .To(sizes);
        }
    }

    private static IEnumerable<OperatorCase> Pools()
    {
        yield return MaxPoolGrad("2-D", [2, 3, 8, 6], [2, 3, 4, 3]);
        yield return MaxPoolGrad("overlapping", [2, 2, 5, 5], [2, 2, 5, 5]);
        yield return MaxPoolGrad("1-D", [3, 2, 9], [3, 2, 4]);
        yield return MaxPoolGrad("3-D", [1, 2, 4, 4, 4], [1, 2, 2, 2, 2]);
    }

    /// <summary>Indices anywhere in the plane that an element belongs to, some of them several times.</summary>
    private static OperatorCase MaxPoolGrad(string name, long[] sizes, long[] pooled)
    {
        var (plane, pooledPlane) = (Product(sizes[2..]), Product(pooled[2..]));
        var indices = Integers(pooled, index => index / pooledPlane * plane + index * 7L % plane);
        return OfOnnx("MaxPoolGrad", name).With(Uniform(1, pooled), indices)
            .With("kernel_shape", [.. pooled[2..].Select(_ => 2L)]).To(sizes);
    }

    private static IEnumerable<OperatorCase> Dropout()
    {
        long[] sizes = [4, 9];
        var dY = Uniform(1, sizes);
        var mask = Bools(sizes, index => index % 3 != 0);
        var ratio = Floats([], _ => 0.3);
        yield return OfMicrosoft("DropoutGrad", "ratio given").With(dY, mask, ratio, Bools([], _ => true)).To(sizes);
        yield return OfMicrosoft("DropoutGrad", "ratio constant")
            .With(dY, mask, ratio.AsConstant(), Bools([], _ => true)).To(sizes);
        yield return OfMicrosoft("DropoutGrad", "default ratio").With(dY, mask, null, Bools([], _ => true)).To(sizes);
    }

    private static long Product(long[] sizes) => sizes.Aggregate(1L, (product, size) => product * size);
}
