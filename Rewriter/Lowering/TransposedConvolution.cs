using OnnxActNN.Rewriter.IR;
using static OnnxActNN.Rewriter.Lowering.Formula;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>
/// The gradient of a convolution with respect to its data: each element of dY spread over its window.
/// </summary>
internal static class TransposedConvolution
{
    /// <summary>
    /// ConvTranspose(dY, weight) cut to the data's size: with equal pads by the operator itself, else without pads and
    /// by a Slice. A kernel of size 1 at stride 1 needs no spreading: Conv(dY, weightᵀ), which ONNX Runtime's CPU
    /// provider does in less time. Where sizes are not known and the stride leaves the rest open, the result is made as
    /// large as can be and cut by a Shape.
    /// </summary>
    /// <param name="gradient">dY, [batch, outputs, spatial...].</param>
    /// <param name="weight">[outputs, channels/group, kernel...].</param>
    /// <param name="window">The forward convolution's window.</param>
    /// <param name="sizes">The data's spatial sizes; null where one is not known.</param>
    /// <param name="shape">Makes the data's sizes at run time.</param>
    public static Term Of(Term gradient, Term weight, ConvolutionWindow window, long[]? sizes, Func<Term> shape)
    {
        if (window.IsPointwise && window.Strides.All(stride => stride == 1))
            return gradient.Writer.Write("Conv", [gradient, Transpose(weight, [1, 0, .. Axes(2, 2 + window.Axes)])]);
        var isOpen = sizes is null && window.Strides.Any(stride => stride > 1);
        var padding = Enumerable.Range(0, window.Axes)
            .Select(axis => sizes is null ? window.Strides[axis] - 1 : window.Rest(axis, sizes[axis])).ToArray();
        var hasPads = window.HasEqualPads && !isOpen;
        var full = gradient.Writer.Write("ConvTranspose", [gradient, weight], attributes =>
        {
            Set(attributes, "strides", window.Strides);
            Set(attributes, "dilations", window.Dilations);
            Set(attributes, "pads", hasPads ? [.. window.Begins, .. window.Ends] : new long[2 * window.Axes]);
            if (padding.Any(size => size > 0)) Set(attributes, "output_padding", padding);
            attributes.Set("group", window.Group);
        });
        if (hasPads) return full;
        return isOpen ? Cut(full, window, shape()) : Cut(full, window);
    }

    private static Term Cut(Term full, ConvolutionWindow window)
    {
        var ends = Array.ConvertAll(window.Ends, pad => pad == 0 ? long.MaxValue : -pad);
        return Slice(full, window.Begins, ends, [.. Axes(2, 2 + window.Axes)]);
    }

    private static Term Cut(Term full, ConvolutionWindow window, Term sizes)
    {
        var writer = full.Writer;
        var axes = writer.Integers([.. Axes(2, 2 + window.Axes)]);
        var begins = writer.Integers(window.Begins);
        return writer.Write("Slice", [full, begins, writer.Write("Gather", [sizes, axes]) + begins, axes]);
    }

    private static void Set(AttributeList attributes, string name, long[] values) =>
        attributes.Set(name, new AttributeValue.Ints(values));
}
