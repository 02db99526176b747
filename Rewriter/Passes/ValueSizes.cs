using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Bytes of a graph's values; of packed ones too, whose length follows from what is packed.</summary>
internal sealed class ValueSizes(InferredTypes types)
{
    /// <summary>Bytes of the value; null where its type or a dimension is not known.</summary>
    public long? Of(Value value) =>
        value is { Producer: { } pack, OutputIndex: 0 } && PackOperators.IsPack(pack.Operator)
            ? PackedBytes(pack)
            : types.BytesOf(value);

    private long? PackedBytes(Node pack)
    {
        // Of a pool that packs its indices there are as many as results.
        var counted = pack.Operator == PackOperators.MaxPoolIndexPack ? pack.Output(2) : pack.Input(0);
        if (counted is null || types.SizesOf(counted) is not { } sizes) return null;
        if (pack.Operator == PackOperators.QuantizePack)
            return PackedLayout.BytesOf(sizes, PackAttributeReader.Read(pack));
        var elements = sizes.Aggregate(1L, (product, size) => checked(product * size));
        if (pack.Operator == PackOperators.DerivativePack)
            return DerivativeLayout.BytesOf(PackAttributeReader.ReadDerivative(pack), elements);
        return pack.Operator == PackOperators.MaskPack
            ? MaskFormat.BytesOf(elements)
            : IndexLayout.Create(sizes, WindowOf(pack)).TotalBytes;
    }

    private static PoolingWindow WindowOf(Node pack) => new(
        pack.Attributes.GetInts(PoolingAttributes.KernelShape) ?? [],
        pack.Attributes.GetInts(PoolingAttributes.Strides),
        pack.Attributes.GetInts(PoolingAttributes.Dilations), pack.Attributes.GetInts(PoolingAttributes.Pads));
}
