using OnnxActNN.Rewriter.IR;
using static OnnxActNN.EndToEnd.Tests.Lowering.CaseTensor;
using static OnnxActNN.EndToEnd.Tests.Lowering.OperatorCase;

namespace OnnxActNN.EndToEnd.Tests.Lowering;

/// <summary>Gathers, slices, concatenations, sums and quotients.</summary>
internal static class MoveCases
{
    public static IEnumerable<OperatorCase> All() => [.. Gathers(), .. Slices(), .. Parts(), .. Arithmetic()];

    private static IEnumerable<OperatorCase> Gathers()
    {
        long[] data = [4, 5, 6];
        foreach (var axis in (int[])[0, 1, 2, -1])
        {
            var at = axis < 0 ? axis + data.Length : axis;
            foreach (var indices in (long[][])[[], [7], [2, 3]])
            {
                long[] gradient = [.. data[..at], .. indices, .. data[(at + 1)..]];
                yield return OfMicrosoft("GatherGrad", $"axis {axis}, indices of rank {indices.Length}")
                    .With(Constant(data), Integers(indices, index => index * 3 % data[at]), Uniform(1, gradient))
                    .With("axis", axis).To(data);
            }
            long[] picked = [.. data.Select((size, index) => index == at ? size + 2 : size)];
            yield return OfMicrosoft("GatherElementsGrad", $"axis {axis}")
                .With(Uniform(1, picked), Constant(data), Integers(picked, index => index * 7 % data[at]))
                .With("axis", axis).To(data);
        }
        yield return OfMicrosoft("GatherNDGrad")
            .With(Constant(data), Integers([8, 2], index => index * 3 % 4), Uniform(1, 8, 6)).To(data);
    }

    private static IEnumerable<OperatorCase> Slices()
    {
        long[] data = [4, 7, 6];
        yield return Slice("one axis", data, [4, 3, 6], [2], [5], [1], null);
        yield return Slice("negative bounds", data, [4, 3, 6], [-4], [-1], [1], null);
        yield return Slice("to the end", data, [4, 7, 3], [3], [long.MaxValue], [-1], null);
        yield return Slice("all axes", data, [2, 3, 4], [1, 2, 0], [3, 5, 4], null, null);
        yield return Slice("step 1", data, [2, 3, 6], [1, 4], [3, 7], [0, 1], [1, 1]);
        yield return Slice("step 2", data, [4, 3, 6], [1], [7], [1], [2]);
        yield return Slice("step -1", data, [4, 4, 6], [5], [1], [1], [-1]);
        yield return OfMicrosoft("SliceGrad", "bounds from outside")
            .With(Uniform(1, 4, 3, 6), Constant(data), Integers([1], _ => 2), Integers([1], _ => 5), Constant(1))
            .To(data);
    }

    private static OperatorCase Slice(
        string name, long[] data, long[] part, long[] starts, long[] ends, long[]? axes, long[]? steps)
    {
        var one = OfMicrosoft("SliceGrad", name)
            .With(Uniform(1, part), Constant(data), Constant(starts), Constant(ends)).To(data);
        if (axes is not null) one.With(Constant(axes));
        if (steps is not null) one.With(Constant(steps));
        return one;
    }

    private static IEnumerable<OperatorCase> Parts()
    {
        yield return OfMicrosoft("ConcatTraining", "axis 1")
            .With(Uniform(1, 2, 3), Uniform(2, 2, 1), Uniform(3, 2, 4)).With("axis", 1).To(2, 8)
            .To(DataType.Int64, [3]);
        yield return OfMicrosoft("ConcatTraining", "axis -2, any batch")
            .With(Uniform(1, 2, 3).OfAnyBatch(), Uniform(2, 4, 3).OfAnyBatch()).With("axis", -2).To(6, 3)
            .To(DataType.Int64, [2]);
        yield return OfMicrosoft("SplitTraining").With(Uniform(1, 2, 8), Constant(3, 1, 4)).With("axis", 1).To(2, 3)
            .To(2, 1).To(2, 4);
        yield return OfMicrosoft("ReduceSumTraining", "axes").With(Uniform(1, 2, 3, 4), Constant(0, 2))
            .With("keepdims", 0).To(3);
        yield return OfMicrosoft("ReduceSumTraining", "kept").With(Uniform(1, 2, 3, 4), Constant(1)).With("keepdims", 1)
            .To(2, 1, 4);
        yield return OfMicrosoft("BroadcastGradientArgs", "leading axis and size 1")
            .With(Constant(4, 2, 3), Constant(2, 1)).To(DataType.Int64, [0]).To(DataType.Int64, [2]);
    }

    private static IEnumerable<OperatorCase> Arithmetic()
    {
        yield return OfMicrosoft("Scale", "up").With(Uniform(1, 3, 4), Floats([], _ => 1.5)).To(3, 4);
        yield return OfMicrosoft("Scale", "down by a whole number")
            .With(Uniform(1, 3, 4), Integers([], _ => 7)).With("scale_down", 1).To(3, 4);
        (long[] A, long[] B)[] pairs =
            [([3, 4], [3, 4]), ([3, 4], [4]), ([4], [3, 4]), ([3, 1], [2, 3, 4]), ([2, 3, 4], [])];
        foreach (var (a, b) in pairs)
        {
            long[] y = a.Length >= b.Length ? a : b.Length == 3 ? [2, 3, 4] : b;
            yield return OfMicrosoft("DivGrad", $"[{string.Join(',', a)}] by [{string.Join(',', b)}]")
                .With(Uniform(1, y), Uniform(2, a), Floats(b, index => 1.5 + Math.Sin(index))).To(a).To(b);
        }
    }
}
