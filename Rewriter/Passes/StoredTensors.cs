using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>What is stored of tensors, found by tensor.</summary>
internal sealed class StoredTensors(IEnumerable<PackedPair> pairs)
{
    private readonly ILookup<Value, PackedPair> _pairs = pairs.ToLookup(pair => pair.Plan.Tensor.Value);

    /// <summary>The codes of a tensor.</summary>
    public PackedPair Codes(Value value) =>
        _pairs[value].First(pair => pair.Store is { Format: not null, IsExponential: false });

    /// <summary>The bits of a tensor for which the test holds.</summary>
    public Value Mask(Value value, Func<MaskBits, bool> test) =>
        _pairs[value].First(pair => pair.Store.Bits is { } bits && test(bits)).Packed!;
}
