using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Passes;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Training.Prediction;

/// <summary>Bytes of a graph's values; of packed ones too, whose length follows from what is packed.</summary>
internal sealed class ValueSizes(InferredTypes types)
{
    /// <summary>Bytes of the value; null where its type or a dimension is not known.</summary>
    public long? Of(Value value) =>
        value.Producer is { } pack && pack.Operator == PackOperators.QuantizePack && value.OutputIndex == 0
            ? PackedBytes(pack)
            : types.BytesOf(value);

    private long? PackedBytes(Node pack) =>
        pack.Input(0) is { } packed && types.SizesOf(packed) is { } sizes
            ? PackedLayout.BytesOf(sizes, PackAttributeReader.Read(pack))
            : null;
}
