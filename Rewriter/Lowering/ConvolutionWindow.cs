using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Lowering;

/// <summary>
/// Kernel, strides, dilations and pads of a convolution or pool, per spatial axis, and what follows from them.
/// </summary>
internal sealed class ConvolutionWindow
{
    private ConvolutionWindow(AttributeList attributes, long[] kernel)
    {
        var axes = kernel.Length;
        Kernel = kernel;
        Strides = List("strides", axes, 1);
        Dilations = List("dilations", axes, 1);
        var pads = List("pads", 2 * axes, 0);
        (Begins, Ends) = (pads[..axes], pads[axes..]);
        Group = attributes.GetInt("group", 1);

        long[] List(string name, int length, long otherwise) =>
            attributes.GetInts(name) is { Count: > 0 } given ? [.. given] : [.. Enumerable.Repeat(otherwise, length)];
    }

    private ConvolutionWindow(ConvolutionWindow other) =>
        (Kernel, Strides, Dilations, Begins, Ends, Group) =
        (other.Kernel, other.Strides, other.Dilations, other.Begins, other.Ends, other.Group);

    public long[] Kernel { get; }

    public long[] Strides { get; }

    public long[] Dilations { get; }

    /// <summary>Pads in front of each axis.</summary>
    public long[] Begins { get; private init; }

    /// <summary>Pads behind each axis.</summary>
    public long[] Ends { get; private init; }

    public long Group { get; private init; }

    /// <summary>ONNX Runtime's CUDA provider has transposed convolutions with equal pads only.</summary>
    public bool HasEqualPads => Begins.SequenceEqual(Ends);

    public bool IsPointwise => Kernel.All(size => size == 1) && Begins.Concat(Ends).All(pad => pad == 0) && Group == 1;

    public int Axes => Kernel.Length;

    /// <summary>Reads a node's attributes; the larger tensor is the one that the window slides over.</summary>
    /// <exception cref="RecipeException">The kernel's size, or with auto_pad a spatial size, is not known.</exception>
    public static ConvolutionWindow Of(Node node, Shape? weight, Shape? larger, Shape? smaller)
    {
        var kernel = node.Attributes.GetInts("kernel_shape")?.ToArray() ?? SpatialSizes(weight)
            ?? throw NodeWriter.Fail("the kernel's size is not known");
        var window = new ConvolutionWindow(node.Attributes, kernel);
        return node.Attributes.GetText("auto_pad", "NOTSET") switch
        {
            "NOTSET" or "" => window,
            "VALID" => window.With(new long[kernel.Length], new long[kernel.Length]),
            var mode => window.WithSamePads(SpatialSizes(larger), SpatialSizes(smaller), isUpper: mode == "SAME_UPPER"),
        };
    }

    /// <summary>All spatial sizes of a tensor [batch, channels, spatial...]; null when one is not known.</summary>
    public static long[]? SpatialSizes(Shape? shape) => shape is null ? null : new Shape(shape.Skip(2)).TryGetSizes();

    /// <summary>
    /// The window of a pool: a group per channel, and pads behind that reach as far as the last window, which in ceil
    /// mode is farther than the node says.
    /// </summary>
    public ConvolutionWindow ForPool(long channels, long[] sizes, long[] pooled) => new(this)
    {
        Ends = [.. Ends.Select((end, axis) => Math.Max(end, LastEnd(axis, pooled[axis]) - sizes[axis]))],
        Group = channels,
    };

    /// <summary>Elements of the padded axis behind the last window: what a transposed convolution must add.</summary>
    public long Rest(int axis, long size) => (size + Begins[axis] + Ends[axis] - Reach(axis)) % Strides[axis];

    /// <summary>Windows along an axis of the given size.</summary>
    public long Count(int axis, long size) => (size + Begins[axis] + Ends[axis] - Reach(axis)) / Strides[axis] + 1;

    /// <summary>Where the last of some windows ends, from the first element on.</summary>
    private long LastEnd(int axis, long windows) => (windows - 1) * Strides[axis] + Reach(axis) - Begins[axis];

    private long Reach(int axis) => (Kernel[axis] - 1) * Dilations[axis] + 1;

    private ConvolutionWindow With(long[] begins, long[] ends) => new(this) { Begins = begins, Ends = ends };

    private ConvolutionWindow WithSamePads(long[]? larger, long[]? smaller, bool isUpper)
    {
        if (larger is null || smaller is null) throw NodeWriter.Fail("auto_pad with spatial sizes that are not known");
        var totals = Enumerable.Range(0, Axes)
            .Select(axis => Math.Max(0, (smaller[axis] - 1) * Strides[axis] + Reach(axis) - larger[axis])).ToArray();
        long[] halves = Array.ConvertAll(totals, total => total / 2);
        long[] rests = [.. totals.Select((total, axis) => total - halves[axis])];
        return isUpper ? With(halves, rests) : With(rests, halves);
    }
}
