using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>The gradient of a convolution with respect to its weight, as a product or a convolution itself.</summary>
/// <remarks>
/// dW[o, c, k] = Σ over batch and windows t of dY[·, o, t]·X[·, c, t·stride + k·dilation − pad]: a convolution of X with dY as
/// its weight, in which batch and channels change places and strides and dilations too. For a kernel of size 1 that
/// is the product of dY and X as matrices of channels by all positions.
/// </remarks>
internal static class WeightGradient
{
    /// <summary>dW of shape [outputs, channels/group, kernel...].</summary>
    /// <param name="data">X, [batch, channels, spatial...].</param>
    /// <param name="dataShape">What is known of its shape; the channels must be.</param>
    /// <param name="gradient">dY, [batch, outputs, spatial...].</param>
    /// <param name="window">The forward convolution's window.</param>
    /// <exception cref="RecipeException">The number of channels is not known, or with groups a spatial size.</exception>
    public static Term Of(Term data, Shape? dataShape, Term gradient, ConvolutionWindow window)
    {
        if (dataShape?[1].Value is not { } channels) throw NodeWriter.Fail("the number of channels is not known");
        if (window.IsPointwise) return Pointwise(data, channels, gradient, window);
        var order = Swapped(window.Axes + 2);
        var convolved = data.Writer.Write("Conv", [ChannelsFirst(data, dataShape, channels, window), Transpose(gradient, order)], attributes =>
        {
            Set(attributes, "strides", window.Dilations);
            Set(attributes, "dilations", window.Strides);
            Set(attributes, "pads", [.. window.Begins, .. window.Ends]);
            attributes.Set("group", window.Group);
        });
        // Windows that the forward stride skipped can leave the result too large.
        var axes = Enumerable.Range(0, window.Axes).Where(axis => MayBeLarger(window, dataShape, axis)).ToList();
        var cut = axes.Count == 0 ? convolved : Slice(
            convolved, new long[axes.Count], [.. axes.Select(axis => window.Kernel[axis])], [.. axes.Select(axis => axis + 2L)]);
        return Transpose(cut, order);
    }

    private static Term Pointwise(Term data, long channels, Term gradient, ConvolutionWindow window)
    {
        var writer = data.Writer;
        var axes = Axes(2, 2 + window.Axes).ToArray();
        var visited = window.Strides.All(stride => stride == 1) ? data : writer.Write(
            "Slice",
            [
                data, writer.Integers(new long[axes.Length]), writer.Integers([.. Enumerable.Repeat(long.MaxValue, axes.Length)]),
                writer.Integers(axes), writer.Integers(window.Strides),
            ]);
        var order = Swapped(window.Axes + 2);
        var product = writer.Write(
            "Gemm", [Reshape(Transpose(gradient, order), 0, -1), Reshape(Transpose(visited, order), 0, -1)],
            attributes => attributes.Set("transB", 1));
        return Reshape(product, [-1, channels, .. window.Kernel]);
    }

    /// <summary>X as [channels/group, group·batch, spatial...], so that the groups of the batch meet those of dY.</summary>
    private static Term ChannelsFirst(Term data, Shape shape, long channels, ConvolutionWindow window)
    {
        if (window.Group == 1) return Transpose(data, Swapped(window.Axes + 2));
        var spatial = ConvolutionWindow.SpatialSizes(shape) ?? throw NodeWriter.Fail("grouped, with spatial sizes that are not known");
        var perGroup = channels / window.Group;
        var parted = Reshape(data, [0, window.Group, perGroup, .. spatial]);
        var swapped = Transpose(parted, [2, 1, 0, .. Axes(3, 3 + window.Axes)]);
        return Reshape(swapped, [perGroup, -1, .. spatial]);
    }

    private static bool MayBeLarger(ConvolutionWindow window, Shape data, int axis) =>
        window.Strides[axis] > 1 && (data[axis + 2].Value is not { } size || window.Rest(axis, size) >= window.Dilations[axis]);

    private static long[] Swapped(int rank) => [1, 0, .. Axes(2, rank)];

    private static void Set(AttributeList attributes, string name, long[] values) =>
        attributes.Set(name, new AttributeValue.Ints(values));
}
