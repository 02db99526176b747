using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>A pool with made-up indices: of each window, a random element that lies within the input.</summary>
public sealed record PoolingCase(
    long[] Input, long[] Kernel, long[] Strides, long[] Dilations, long[] Pads, bool CeilMode)
{
    /// <summary>
    /// 1 to 3 axes, overlapping windows, gaps, padding, dilation, and last windows that reach over the end, one over
    /// the whole input.
    /// </summary>
    public static IEnumerable<PoolingCase> All { get; } =
    [
        new([2, 3, 17], [2], [2], [1], [0, 0], false),
        new([2, 3, 17], [5], [3], [2], [2, 2], true),
        new([1, 2, 9, 11], [2, 2], [2, 2], [1, 1], [0, 0, 0, 0], false),
        new([2, 3, 9, 11], [3, 3], [2, 2], [1, 1], [1, 1, 1, 1], true),
        new([2, 3, 9, 11], [3, 2], [1, 3], [2, 3], [1, 0, 0, 1], true),
        new([2, 2, 7, 7], [7, 7], [1, 1], [1, 1], [3, 3, 3, 3], false),
        new([1, 1, 2, 2], [3, 3], [1, 1], [1, 1], [1, 1, 1, 1], false),
        new([2, 2, 5, 6, 7], [3, 2, 2], [2, 1, 2], [1, 2, 1], [1, 0, 1, 1, 1, 0], true),
        new([1, 2, 2], [3], [2], [1], [0, 0], true),
        new([3, 4, 6, 6], [16, 16], [1, 1], [1, 1], [8, 8, 8, 8], false),
    ];

    public PoolingWindow Window => new(Kernel, Strides, Dilations, Pads);

    public long[] Output => [.. Input.Take(2), .. Enumerable.Range(0, Kernel.Length).Select(OutputOf)];

    /// <summary>For each window, the numbers of the elements that it holds, in their order.</summary>
    public IEnumerable<IReadOnlyList<long>> Elements
    {
        get
        {
            var output = Output;
            var count = TestTensor.CountOf(output);
            for (long window = 0; window < count; window++) yield return [.. ElementsOf(window, output)];
        }
    }

    public long[] DrawIndices(int seed)
    {
        var random = new Random(seed);
        return [.. Elements.Select(candidates => candidates[random.Next(candidates.Count)])];
    }

    public override string ToString() =>
        $"{string.Join('x', Input)} by {string.Join('x', Kernel)}, "
        + $"steps {string.Join('x', Strides)} and {string.Join('x', Dilations)}";

    private long OutputOf(int axis)
    {
        var reach = Input[axis + 2] + Pads[axis] + Pads[axis + Kernel.Length] - Dilations[axis] * (Kernel[axis] - 1)
            - 1;
        var windows = (CeilMode ? reach + Strides[axis] - 1 : reach) / Strides[axis] + 1;
        // A last window that would start in the padding behind the input is none.
        return (windows - 1) * Strides[axis] >= Input[axis + 2] + Pads[axis] ? windows - 1 : windows;
    }

    /// <summary>The numbers of the input's elements in a window.</summary>
    private IEnumerable<long> ElementsOf(long number, long[] output)
    {
        var places = new long[output.Length];
        for (var axis = output.Length - 1; axis >= 0; axis--)
            (number, places[axis]) = Math.DivRem(number, output[axis]);
        IEnumerable<long> elements = [places[0] * Input[1] + places[1]];
        for (var axis = 0; axis < Kernel.Length; axis++)
        {
            var at = axis;
            var inside = Enumerable.Range(0, (int)Kernel[at])
                .Select(index => places[at + 2] * Strides[at] - Pads[at] + index * Dilations[at])
                .Where(place => place >= 0 && place < Input[at + 2]);
            elements = elements.SelectMany(element => inside.Select(place => element * Input[at + 2] + place));
        }
        return elements;
    }
}
