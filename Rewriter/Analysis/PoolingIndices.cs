using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Indices that a MaxPool made, whose entries lie in its windows.</summary>
internal static class PoolingIndices
{
    /// <summary>
    /// The window of the pool that made the indices; null where they are no such indices, count columns first, or the window's
    /// place is not told by the attributes alone, or it has more elements than an offset can count.
    /// </summary>
    public static PoolingWindow? WindowOf(Value indices)
    {
        if (indices.Producer is not { } pool || pool.Operator != OperatorId.Onnx("MaxPool") || indices.OutputIndex != 1) return null;
        var attributes = pool.Attributes;
        if (attributes.GetInt("storage_order", 0) != 0 || attributes.GetText("auto_pad", "NOTSET") is not ("NOTSET" or "VALID")) return null;
        if (attributes.GetInts(PoolingAttributes.KernelShape) is not { } kernel) return null;
        try
        {
            return new PoolingWindow(
                kernel, attributes.GetInts(PoolingAttributes.Strides), attributes.GetInts(PoolingAttributes.Dilations),
                attributes.GetInts(PoolingAttributes.Pads));
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
