namespace OnnxActNN.Rewriter.Lowering;

/// <summary>How many elements each window of an average pool has.</summary>
internal static class WindowCounts
{
    /// <summary>One count per pooled element of a channel, row-major.</summary>
    /// <param name="window">The pool's window.</param>
    /// <param name="sizes">The data's spatial sizes.</param>
    /// <param name="pooled">The pooled spatial sizes.</param>
    /// <param name="includePads">Whether the node's pads count; what ceil mode reaches beyond them never does.</param>
    public static float[] Of(ConvolutionWindow window, long[] sizes, long[] pooled, bool includePads)
    {
        float[] counts = [1];
        for (var axis = 0; axis < window.Axes; axis++)
        {
            var first = includePads ? -window.Begins[axis] : 0;
            var end = sizes[axis] + (includePads ? window.Ends[axis] : 0);
            var along = Enumerable.Range(0, (int)pooled[axis])
                .Select(at => (float)CountAlong(window, axis, at, first, end)).ToArray();
            counts = [.. counts.SelectMany(count => along.Select(other => count * other))];
        }
        return counts;
    }

    private static int CountAlong(ConvolutionWindow window, int axis, int at, long first, long end) =>
        Enumerable.Range(0, (int)window.Kernel[axis])
            .Select(step => at * window.Strides[axis] + step * window.Dilations[axis] - window.Begins[axis])
            .Count(place => place >= first && place < end);
}
