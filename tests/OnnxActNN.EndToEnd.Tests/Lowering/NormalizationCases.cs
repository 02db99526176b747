using static OnnxActNN.EndToEnd.Tests.Lowering.CaseTensor;
using static OnnxActNN.EndToEnd.Tests.Lowering.OperatorCase;

namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>Batch and layer normalization.</summary>
internal static class NormalizationCases
{
    public static IEnumerable<OperatorCase> All()
    {
        foreach (var sizes in (long[][])[[6, 5], [4, 3, 7], [2, 3, 4, 5], [2, 2, 3, 2, 3]])
        {
            yield return BatchNormalization(sizes);
            yield return BatchNormalizationGrad(sizes);
        }
        foreach (var axis in (int[])[-1, -2, 1])
        {
            yield return LayerNormalizationGrad([3, 4, 6], axis);
            yield return SimplifiedLayerNormalizationGrad([3, 4, 6], axis);
        }
    }

    private static OperatorCase BatchNormalization(long[] sizes)
    {
        var channels = sizes[1];
        return OfMicrosoft("BatchNormInternal", $"rank {sizes.Length}")
            .With(Floats(sizes, index => 3 + Math.Sin(1.7 * index)), Uniform(2, channels), Uniform(3, channels))
            .With(Uniform(4, channels), Positive(channels))
            .With("epsilon", 1e-3f).With("momentum", 0.8f).With("training_mode", 1)
            .To(sizes).To(channels).To(channels).To(channels).To(channels);
    }

    private static OperatorCase BatchNormalizationGrad(long[] sizes)
    {
        var channels = sizes[1];
        return OfMicrosoft("BatchNormalizationGrad", $"rank {sizes.Length}")
            .With(Uniform(1, sizes), Floats(sizes, index => 3 + Math.Sin(1.7 * index)), Uniform(2, channels))
            .With(Floats([channels], _ => 3), Positive(channels))
            .With("epsilon", 1e-5f)
            .To(sizes).To(channels).To(channels);
    }

    private static OperatorCase LayerNormalizationGrad(long[] sizes, int axis)
    {
        var (statistics, inner) = Parts(sizes, axis);
        return OfMicrosoft("LayerNormalizationGrad", $"axis {axis}")
            .With(Uniform(1, sizes), Uniform(2, sizes), Uniform(3, inner), Uniform(4, statistics), Positive(statistics))
            .With("axis", axis)
            .To(sizes).To(inner).To(inner);
    }

    private static OperatorCase SimplifiedLayerNormalizationGrad(long[] sizes, int axis)
    {
        var (statistics, inner) = Parts(sizes, axis);
        return OfMicrosoft("SimplifiedLayerNormalizationGrad", $"axis {axis}")
            .With(Uniform(1, sizes), Uniform(2, sizes), Uniform(3, inner), Positive(statistics))
            .With("axis", axis)
            .To(sizes).To(inner);
    }

    private static (long[] Statistics, long[] Inner) Parts(long[] sizes, int axis)
    {
        var first = axis < 0 ? axis + sizes.Length : axis;
        return ([.. sizes.Select((size, at) => at < first ? size : 1)], sizes[first..]);
    }

    private static CaseTensor Positive(params long[] sizes) => Floats(sizes, index => 1.2 + 0.7 * Math.Sin(index));
}
