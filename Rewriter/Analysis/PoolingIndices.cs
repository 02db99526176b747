using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Indices that a MaxPool made, whose entries lie in its windows.</summary>
internal static class PoolingIndices
{
    private static readonly OperatorId MaxPool = OperatorId.Onnx("MaxPool");

    /// <summary>
    /// The window of the pool that made the indices; null where they are no such indices, count columns first, or the
    /// window's place is not known, or it has more elements than an offset can count.
    /// </summary>
    public static PoolingWindow? WindowOf(Value indices, Func<Value, TensorType?> typeOf)
    {
        if (indices is not { OutputIndex: 1, Producer: { } pool }) return null;
        if (pool.Operator != MaxPool) return null;
        var attributes = pool.Attributes;
        if (attributes.GetInt("storage_order", 0) != 0) return null;
        if (attributes.GetInts(PoolingAttributes.KernelShape) is not { } kernel) return null;
        try
        {
            var (strides, dilations) =
                (attributes.GetInts(PoolingAttributes.Strides), attributes.GetInts(PoolingAttributes.Dilations));
            return PadsOf(pool, new PoolingWindow(kernel, strides, dilations), typeOf) is { } pads
                ? new PoolingWindow(kernel, strides, dilations, pads)
                : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static IReadOnlyList<long>? PadsOf(Node pool, PoolingWindow window, Func<Value, TensorType?> typeOf) =>
        pool.Attributes.GetText("auto_pad", "NOTSET") switch
        {
            "NOTSET" => pool.Attributes.GetInts(PoolingAttributes.Pads) ?? [],
            "VALID" => [],
            "SAME_UPPER" => Surrounding(pool, window, typeOf, biggerAtEnd: true),
            "SAME_LOWER" => Surrounding(pool, window, typeOf, biggerAtEnd: false),
            _ => null,
        };

    /// <summary>
    /// What lets a window stand at every stride of the input, one half at the beginning and one at the end; null where
    /// sizes are not known. With dilations ONNX Runtime reckons otherwise than ONNX does.
    /// </summary>
    private static long[]? Surrounding(
        Node pool, PoolingWindow window, Func<Value, TensorType?> typeOf, bool biggerAtEnd)
    {
        if (typeOf(pool.Input(0)!)?.Shape is not { } x || x.Rank != 2 + window.Axes) return null;
        if (window.Dilations.Any(dilation => dilation != 1)) return null;
        var pads = new long[2 * window.Axes];
        for (var axis = 0; axis < window.Axes; axis++)
        {
            if (x[2 + axis].Value is not { } size) return null;
            var all = (size - 1) / window.Strides[axis] * window.Strides[axis] + window.KernelShape[axis] - size;
            pads[axis] = biggerAtEnd ? all / 2 : all - all / 2;
            pads[window.Axes + axis] = all - pads[axis];
        }
        return pads;
    }
}
