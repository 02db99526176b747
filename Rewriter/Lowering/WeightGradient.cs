using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>
/// The gradient of a convolution with respect to its weight, as matrix products or as a convolution itself.
/// </summary>
/// <remarks>
/// dW[o, c, k] = Σ over batch and windows t of dY[·, o, t]·X[·, c, t·stride + k·dilation − pad].
/// 1. For each place k of the kernel that is a product of dY with a slice of X, as matrices of channels by all windows.
/// So convolutions without groups are done; each slice is gone before the next is made.
/// 2. It is also a convolution of X with dY as its weight, in which batch and channels change places and strides and
/// dilations too. So those with groups, few channels, large kernels or open sizes are done.
/// </remarks>
internal static class WeightGradient
{
    /// <summary>
    /// Below it the products are too narrow to be worth their slices (the first layer of an image network).
    /// </summary>
    private const long FewestChannels = 16;

    private const long MostPlaces = 25;

    /// <summary>dW of shape [outputs, channels/group, kernel...].</summary>
    /// <param name="data">X, [batch, channels, spatial...].</param>
    /// <param name="dataShape">What is known of its shape; the channels must be.</param>
    /// <param name="gradient">dY, [batch, outputs, spatial...].</param>
    /// <param name="window">The forward convolution's window.</param>
    /// <exception cref="RecipeException">The number of channels is not known, or with groups a spatial
    /// size.</exception>
    public static Term Of(Term data, Shape? dataShape, Term gradient, ConvolutionWindow window)
    {
        if (dataShape?[1].Value is not { } channels) throw NodeWriter.Fail("the number of channels is not known");
        var places = window.Kernel.Aggregate(1L, (product, size) => product * size);
        if (window.Group == 1 && (places == 1 || channels >= FewestChannels) && places <= MostPlaces
            && TryWindows(dataShape, window) is { } windows)
        {
            return ByProducts(data, gradient, window, windows);
        }
        return ByConvolution(data, dataShape, channels, gradient, window);
    }

    /// <summary>Rule 1.</summary>
    private static Term ByProducts(Term data, Term gradient, ConvolutionWindow window, long[] windows)
    {
        var order = Swapped(window.Axes + 2);
        var writer = data.Writer;
        var rows = Reshape(Transpose(gradient, order), 0, -1);
        var channelsFirst = Transpose(data, order);
        if (window.Begins.Concat(window.Ends).Any(pad => pad > 0))
            channelsFirst =
                writer.Write("Pad", [channelsFirst, writer.Integers([0, 0, .. window.Begins, 0, 0, .. window.Ends])]);
        var products = Places(window.Kernel)
            .Select(place => Product(writer, rows, Visited(channelsFirst, place, window, windows))).ToArray();
        var all = products.Length == 1
            ? products[0]
            : Concat(2, [.. products.Select(product => Unsqueeze(product, 2))]);
        return Reshape(all, [0, 0, .. window.Kernel]);
    }

    private static Term Product(NodeWriter writer, Term a, Term b) =>
        writer.Write("Gemm", [a, Reshape(b, 0, -1)], attributes => attributes.Set("transB", 1));

    /// <summary>The elements that one place of the kernel meets, window by window.</summary>
    private static Term Visited(Term padded, long[] place, ConvolutionWindow window, long[] windows)
    {
        var writer = padded.Writer;
        long[] starts = [.. place.Select((at, axis) => at * window.Dilations[axis])];
        long[] ends = [.. starts.Select((start, axis) => start + (windows[axis] - 1) * window.Strides[axis] + 1)];
        if (window.Kernel.All(size => size == 1) && window.Strides.All(stride => stride == 1)) return padded;
        return writer.Write(
            "Slice",
            [
                padded, writer.Integers(starts), writer.Integers(ends), writer.Integers([.. Axes(2, 2 + window.Axes)]),
                writer.Integers(window.Strides),
            ]);
    }

    /// <summary>All places of a kernel, the last axis running fastest.</summary>
    private static IEnumerable<long[]> Places(long[] kernel) => kernel.Aggregate(
        (IEnumerable<long[]>)[[]],
        (places, size) => places.SelectMany(place => Axes(0, (int)size).Select(at => (long[])[.. place, at])));

    /// <summary>The number of windows along each axis; null where a size is not known.</summary>
    private static long[]? TryWindows(Shape data, ConvolutionWindow window) =>
        ConvolutionWindow.SpatialSizes(data) is { } sizes
            ? [.. sizes.Select((size, axis) => window.Count(axis, size))]
            : null;

    /// <summary>Rule 2.</summary>
    private static Term ByConvolution(
        Term data, Shape dataShape, long channels, Term gradient, ConvolutionWindow window)
    {
        var order = Swapped(window.Axes + 2);
        var convolved = data.Writer.Write(
            "Conv", [ChannelsFirst(data, dataShape, channels, window), Transpose(gradient, order)], attributes =>
        {
            Set(attributes, "strides", window.Dilations);
            Set(attributes, "dilations", window.Strides);
            Set(attributes, "pads", [.. window.Begins, .. window.Ends]);
            attributes.Set("group", window.Group);
        });
        // Windows that the forward stride skipped can leave the result too large.
        var axes = Enumerable.Range(0, window.Axes).Where(axis => MayBeLarger(window, dataShape, axis)).ToList();
        var cut = axes.Count == 0 ? convolved : Slice(
            convolved, new long[axes.Count], [.. axes.Select(axis => window.Kernel[axis])],
            [.. axes.Select(axis => axis + 2L)]);
        return Transpose(cut, order);
    }

    /// <summary>
    /// X as [channels/group, group·batch, spatial...], so that the groups of the batch meet those of dY.
    /// </summary>
    private static Term ChannelsFirst(Term data, Shape shape, long channels, ConvolutionWindow window)
    {
        if (window.Group == 1) return Transpose(data, Swapped(window.Axes + 2));
        var spatial = ConvolutionWindow.SpatialSizes(shape)
            ?? throw NodeWriter.Fail("grouped, with spatial sizes that are not known");
        var perGroup = channels / window.Group;
        var parted = Reshape(data, [0, window.Group, perGroup, .. spatial]);
        var swapped = Transpose(parted, [2, 1, 0, .. Axes(3, 3 + window.Axes)]);
        return Reshape(swapped, [perGroup, -1, .. spatial]);
    }

    private static bool MayBeLarger(ConvolutionWindow window, Shape data, int axis) =>
        window.Strides[axis] > 1
            && (data[axis + 2].Value is not { } size || window.Rest(axis, size) >= window.Dilations[axis]);

    private static long[] Swapped(int rank) => [1, 0, .. Axes(2, rank)];

    private static void Set(AttributeList attributes, string name, long[] values) =>
        attributes.Set(name, new AttributeValue.Ints(values));
}
