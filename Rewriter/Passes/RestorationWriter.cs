using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Writes the nodes that compute a value again, right before a reader. What is used twice on the way is computed once.
/// </summary>
/// <remarks>
/// 1. A packed tensor is decoded by an UnpackDequant, its first channels are cut off by a Slice.
/// 2. A normalization's result is computed from codes, with Relu's mask, Clip's bounds and a summand, by the operator
/// that its row names; from a restored input by standard operators.
/// 3. A result of Dropout is computed as its gradient is, by DropoutGradFromMask.
/// 4. A result of LeakyRelu is computed as its gradient is, by ReluGradFromMask.
/// 5. Other nodes stand again with the same attributes, reading restored tensors where they read those that are not
/// kept.
/// </remarks>
internal sealed class RestorationWriter(
    Graph graph, StoredTensors stored, Func<Value, TensorType?> typeOf, Node reader, Value trigger)
{
    private readonly List<(Value Original, Value Again)> _written = [];

    public Value Write(Restoration restoration)
    {
        foreach (var (original, known) in _written)
        {
            if (original == restoration.Value) return known;
        }
        var made = restoration switch
        {
            UnpackedTensor => Unpack(restoration.Value),
            FirstChannels first => Cut(first),
            NormalizedTensor tensor => WriteFromCodes(tensor),
            NormalizedAgain again => WriteFromRestored(again),
            DroppedOutTensor tensor => WriteDropout(tensor),
            RectifiedTensor tensor => WriteRectified(tensor),
            ReplayedNode replayed => WriteAgain(replayed),
            _ => throw new InvalidOperationException(
                $"'{restoration.Value}' cannot be restored by {restoration.GetType().Name}."),
        };
        _written.Add((restoration.Value, made));
        return made;
    }

    /// <summary>Rule 1.</summary>
    private Value Unpack(Value value)
    {
        var pair = stored.Codes(value);
        var restored = Insert(
            PackOperators.UnpackDequant, $"{value.Name}/restored", pair.Plan.Tensor.Type, pair.Packed, pair.Shape,
            trigger);
        pair.Unpacks.Add(restored.Producer!);
        return restored;
    }

    /// <summary>Rule 1.</summary>
    private Value Cut(FirstChannels first)
    {
        var whole = Unpack(first.Source);
        var cut = Insert(
            OperatorId.Onnx("Slice"), $"{first.Value.Name}/restored", typeOf(first.Value),
            whole, Vector("start", 0), Vector("end", first.Channels), Vector("axis", 1));
        stored.Codes(first.Source).Cuts.Add(cut.Producer!);
        return cut;

        Value Vector(string name, long number) =>
            graph.AddConstant($"{first.Value.Name}/channels/{name}", DenseTensorData.Integers(number));
    }

    /// <summary>Rule 2.</summary>
    private Value WriteFromCodes(NormalizedTensor tensor)
    {
        var addend = tensor.Addend is { } other ? Write(other) : null;
        var source = stored.Codes(tensor.Source);
        var node = tensor.Normalization;
        var row = NormalizationTraits.Of(node)!;
        var mask = tensor switch
        {
            { Clip: { } clip } => stored.Mask(clip.Clipped, bits => bits == clip.Bits),
            { HasMask: true } => stored.Mask(tensor.Value, bits => bits == MaskBits.Positive),
            _ => null,
        };
        Value?[] inputs =
            [source.Packed, source.Shape, trigger, node.Input(1), node.Input(2), row.MeanOf(node), row.InverseOf(node),
            mask, addend];
        var used = addend is not null ? inputs : mask is not null ? inputs[..^1] : inputs[..^2];
        var rebuilt = Insert(row.FromPacked, $"{tensor.Value.Name}/rebuilt", typeOf(tensor.Value), used);
        if (tensor.Clip is { } range)
        {
            rebuilt.Producer!.Attributes.Set(MaskAttributes.Min, new AttributeValue.Float(range.Min));
            rebuilt.Producer.Attributes.Set(MaskAttributes.Max, new AttributeValue.Float(range.Max));
        }
        source.Unpacks.Add(rebuilt.Producer!);
        return rebuilt;
    }

    /// <summary>Rule 2: (X − mean) · inv_std · scale + bias.</summary>
    private Value WriteFromRestored(NormalizedAgain again)
    {
        var node = again.Normalization;
        var row = NormalizationTraits.Of(node)!;
        var value = Write(again.Inner);
        if (row.MeanOf(node) is { } mean) value = Next("Sub", value, mean);
        value = Next("Mul", value, row.InverseOf(node)!);
        value = Next("Mul", value, node.Input(1)!);
        return node.Input(2) is { } bias ? Next("Add", value, bias) : value;

        Value Next(string type, Value left, Value right) =>
            Insert(OperatorId.Onnx(type), $"{again.Value.Name}/rebuilt", typeOf(again.Value), left, right);
    }

    /// <summary>Rule 3.</summary>
    private Value WriteDropout(DroppedOutTensor tensor)
    {
        var inner = Write(tensor.Inner);
        var mask = stored.Mask(tensor.Mask, bits => bits == MaskBits.Nonzero);
        return Insert(
            PackOperators.DropoutGradFromMask, $"{tensor.Value.Name}/rebuilt", typeOf(tensor.Value), inner, mask,
            tensor.Ratio);
    }

    /// <summary>Rule 4.</summary>
    private Value WriteRectified(RectifiedTensor tensor)
    {
        var inner = Write(tensor.Inner);
        var mask = stored.Mask(tensor.Value, bits => bits == MaskBits.Positive);
        var rebuilt = Insert(
            PackOperators.ReluGradFromMask, $"{tensor.Value.Name}/rebuilt", typeOf(tensor.Value), inner, mask);
        if (tensor.Alpha != 0)
            rebuilt.Producer!.Attributes.Set(MaskAttributes.Alpha, new AttributeValue.Float(tensor.Alpha));
        return rebuilt;
    }

    /// <summary>Rule 5.</summary>
    private Value WriteAgain(ReplayedNode replayed)
    {
        var node = replayed.Value.Producer!;
        var inputs = node.Inputs.Select(
            (input, index) => replayed.Inputs[index] is { } restored ? Write(restored) : input).ToArray();
        var again = Insert(node.Operator, $"{replayed.Value.Name}/rebuilt", typeOf(replayed.Value), inputs);
        foreach (var attribute in node.Attributes) again.Producer!.Attributes.Add(attribute);
        return again;
    }

    private Value Insert(OperatorId op, string name, TensorType? type, params IEnumerable<Value?> inputs)
    {
        var result = graph.AddFreshValue(name, type);
        var node = GraphEditor.InsertBefore(reader, op, $"{result.Name}/{op.Type}", inputs, [result]);
        node.DocString = BackwardMark.SameAs(reader);
        return result;
    }
}
