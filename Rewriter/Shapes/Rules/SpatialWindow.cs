using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Shapes.Rules;

/// <summary>Kernel, strides, pads and dilations of a convolution or pooling node, one entry per spatial axis.</summary>
internal sealed class SpatialWindow
{
    private readonly string _autoPad;
    private readonly bool _isCeil;
    private readonly long[] _strides;
    private readonly long[] _dilations;
    private readonly long[] _pads;

    private SpatialWindow(RuleContext context, Dimension[] kernel)
    {
        Kernel = kernel;
        _autoPad = context.Text("auto_pad", "NOTSET");
        _isCeil = context.Int("ceil_mode", 0) != 0;
        _strides = PerAxis(context, "strides", kernel.Length, 1, smallest: 1);
        _dilations = PerAxis(context, "dilations", kernel.Length, 1, smallest: 1);
        _pads = PerAxis(context, "pads", 2 * kernel.Length, 0, smallest: long.MinValue);
    }

    public Dimension[] Kernel { get; }

    /// <summary>Reads the attributes.</summary>
    /// <param name="context">The node.</param>
    /// <param name="rank">Spatial axes of the input.</param>
    /// <param name="weight">Spatial axes of the weight, the kernel's size where the attribute is missing.</param>
    /// <exception cref="ShapeInferenceException">There is no kernel, or a list has the wrong length.</exception>
    public static SpatialWindow Read(RuleContext context, int rank, IEnumerable<Dimension>? weight = null)
    {
        var attribute = context.Ints("kernel_shape");
        var kernel = attribute?.Select(Dimension.Of).ToArray() ?? weight?.ToArray()
            ?? throw context.Fail("needs the attribute 'kernel_shape'.");
        if (kernel.Length != rank) throw context.Fail($"has a kernel of {kernel.Length} axes for {rank} spatial axes.");
        return new SpatialWindow(context, kernel);
    }

    /// <summary>⌊(size + pads − dilation·(kernel − 1) − 1) / stride⌋ + 1, or rounded up in ceil mode.</summary>
    public Dimension OutputSize(Dimension size, int axis)
    {
        var stride = Dimension.Of(_strides[axis]);
        if (_autoPad is "SAME_UPPER" or "SAME_LOWER") return CeilDivide(size, stride);
        var pads = _autoPad == "VALID"
            ? Dimension.Zero
            : Dimension.Of(_pads[axis]) + Dimension.Of(_pads[axis + Kernel.Length]);
        var room = size + pads - Reach(axis) - Dimension.One;
        if (!_isCeil) return Dimension.FloorDivide(room, stride) + Dimension.One;
        var windows = CeilDivide(room, stride) + Dimension.One;
        return StartsInside(windows, size, axis) ? windows : windows - Dimension.One;
    }

    /// <summary>
    /// stride·(size − 1) + output_padding + dilation·(kernel − 1) + 1 − pads, the inverse of a convolution.
    /// </summary>
    public Dimension TransposedSize(Dimension size, int axis, long outputPadding)
    {
        var stride = Dimension.Of(_strides[axis]);
        if (_autoPad is "SAME_UPPER" or "SAME_LOWER") return size * stride;
        var full = stride * (size - Dimension.One) + Dimension.Of(outputPadding) + Reach(axis) + Dimension.One;
        return _autoPad == "VALID"
            ? full
            : full - Dimension.Of(_pads[axis]) - Dimension.Of(_pads[axis + Kernel.Length]);
    }

    private Dimension Reach(int axis) => Dimension.Of(_dilations[axis]) * (Kernel[axis] - Dimension.One);

    /// <summary>In ceil mode a last window that would start in the padding behind the data does not count.</summary>
    private bool StartsInside(Dimension windows, Dimension size, int axis)
    {
        if (windows.Value is not { } count || size.Value is not { } input) return true;
        var front = _autoPad == "VALID" ? 0 : _pads[axis];
        return (Int128)(count - 1) * _strides[axis] < (Int128)input + front;
    }

    private static Dimension CeilDivide(Dimension size, Dimension by) =>
        Dimension.FloorDivide(size + by - Dimension.One, by);

    private static long[] PerAxis(RuleContext context, string name, int length, long otherwise, long smallest)
    {
        if (context.Ints(name) is not { Count: > 0 } list) return [.. Enumerable.Repeat(otherwise, length)];
        if (list.Count != length) throw context.Fail($"attribute '{name}' has {list.Count} entries, not {length}.");
        return list.All(entry => entry >= smallest)
            ? [.. list]
            : throw context.Fail($"attribute '{name}' has an entry below {smallest}.");
    }
}
