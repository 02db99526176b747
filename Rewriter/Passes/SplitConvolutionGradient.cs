using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Takes gradients of convolutions apart, so that the restored input is gone before the input's gradient appears.
/// </summary>
/// <remarks>
/// 1. A ConvGrad with both dX and dW keeps dW (and dB); dX = ConvTranspose(dY, W), with output padding where the stride
/// left a rest.
/// 2. Only where the spatial sizes are numbers and the padding is explicit: else the size of dX would be a guess.
/// 3. Where the kernel has one element, and no stride, padding or group, dX = Conv(dY, Wᵀ), which is faster; but not
/// where Wᵀ is larger than a sample of dX: of fixed shapes ONNX Runtime holds buffers for one another.
/// 4. Only where ONNX Runtime asks for dW before it asks for dX, as it does where parameters stand in the order of
/// their layers: else dX would come first, and dY wait for dW. Sizes do not decide: X, dX and dY were there at once,
/// now dY is there with one of them at a time, at any batch; and the parts take no longer than the whole.
/// </remarks>
internal sealed class SplitConvolutionGradient
{
    private static readonly OperatorId Gradient = new(OperatorId.Microsoft, "ConvGrad");

    private readonly Graph _graph;
    private readonly Func<Value, TensorType?> _typeOf;
    private readonly List<Node> _chosen;

    /// <summary>Chooses the gradients, in a graph that no pack stands in yet; packs do not change the choice.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="typeOf">Its types.</param>
    /// <param name="executed">When each node runs.</param>
    public SplitConvolutionGradient(
        Graph graph, Func<Value, TensorType?> typeOf, GraphItemMap<Node, int> executed)
    {
        (_graph, _typeOf) = (graph, typeOf);
        // Rule 4.
        _chosen = [.. graph.Nodes.Where(
            node => IsWhole(node) && FirstReader(node.Output(1)!) < FirstReader(node.Output(0)!))];

        int FirstReader(Value gradient)
        {
            var first = executed.Count;
            foreach (var use in gradient.Uses) first = Math.Min(first, executed[Reach.OwnerIn(graph, use.Node)!]);
            return first;
        }
    }

    /// <summary>Takes the chosen ones apart.</summary>
    public void Apply()
    {
        foreach (var node in _chosen) Split(node);
    }

    private static bool IsWhole(Node node) =>
        node.Operator == Gradient && node.Output(0) is { } dX && node.Output(1) is not null
            && (dX.Uses.Count > 0 || dX.IsGraphOutput);

    private void Split(Node node)
    {
        var (dY, x, w) = (node.Input(0)!, node.Input(1)!, node.Input(2)!);
        if (IsPointwise(node, w) && !HasLargeWeights(x, w))
        {
            SplitPointwise(node, dY, w);
            return;
        }
        // Rule 2.
        if (OutputPadding(node, SpatialSizes(dY), SpatialSizes(x), SpatialSizes(w)) is not { } padding) return;
        // Rule 1.
        var dX = node.Output(0)!;
        node.SetOutput(0, null);
        var transposed = GraphEditor.InsertAfter(
            node, OperatorId.Onnx("ConvTranspose"), $"{node.DisplayName}/ConvTranspose", [dY, w], [dX]);
        transposed.DocString = node.DocString;
        foreach (var name in new[] { "dilations", "group", "kernel_shape", "pads", "strides" })
        {
            if (node.Attributes.Find(name) is { } attribute) transposed.Attributes.Set(attribute);
        }
        if (padding.Any(size => size > 0))
            transposed.Attributes.Set("output_padding", new AttributeValue.Ints(padding));
    }

    /// <summary>Rule 3.</summary>
    private void SplitPointwise(Node node, Value dY, Value w)
    {
        var dX = node.Output(0)!;
        node.SetOutput(0, null);
        var turned = _graph.AddFreshValue($"{node.DisplayName}/W", Turned(_typeOf(w) ?? w.Declared));
        var transpose = GraphEditor.InsertAfter(
            node, OperatorId.Onnx("Transpose"), $"{turned.Name}/Transpose", [w], [turned]);
        transpose.Attributes.Set(
            "perm", new AttributeValue.Ints(
                [1, 0, .. Enumerable.Range(2, SpatialSizes(w)!.Length).Select(axis => (long)axis)]));
        var convolution = GraphEditor.InsertAfter(
            transpose, OperatorId.Onnx("Conv"), $"{node.DisplayName}/Conv", [dY, turned], [dX]);
        (transpose.DocString, convolution.DocString) = (node.DocString, node.DocString);
    }

    private static TensorType? Turned(TensorType? weights) => weights is { Shape: { Rank: > 1 } shape }
        ? weights with { Shape = shape.With(0, shape[1]).With(1, shape[0]) }
        : null;

    private bool IsPointwise(Node node, Value w) =>
        SpatialSizes(w) is { Length: > 0 } kernel && Array.TrueForAll(kernel, size => size == 1)
        && node.Attributes.GetText("auto_pad", "NOTSET") == "NOTSET" && node.Attributes.GetInt("group", 1) == 1
        && (node.Attributes.GetInts("strides") ?? []).All(stride => stride == 1)
            && (node.Attributes.GetInts("pads") ?? []).All(pad => pad == 0);

    /// <summary>More elements than a sample of the input; its channels are a factor of both.</summary>
    private bool HasLargeWeights(Value x, Value w) =>
        (_typeOf(w) ?? w.Declared)?.Shape?[0].Value > SpatialSizes(x)?.Aggregate(1L, (places, size) => places * size);

    private long[]? SpatialSizes(Value value)
    {
        if ((_typeOf(value) ?? value.Declared)?.Shape is not { Rank: > 2 } shape) return null;
        var sizes = new long[shape.Rank - 2];
        for (var axis = 0; axis < sizes.Length; axis++)
        {
            if (shape[axis + 2].Value is not { } size) return null;
            sizes[axis] = size;
        }
        return sizes;
    }

    /// <summary>What the transposed convolution leaves of the input's size; null where it cannot be had.</summary>
    private static long[]? OutputPadding(Node node, long[]? output, long[]? input, long[]? kernel)
    {
        if (output is null || input is null || kernel is null) return null;
        if (node.Attributes.GetText("auto_pad", "NOTSET") != "NOTSET") return null;
        var rank = input.Length;
        var strides = node.Attributes.GetInts("strides") ?? [.. Enumerable.Repeat(1L, rank)];
        var dilations = node.Attributes.GetInts("dilations") ?? [.. Enumerable.Repeat(1L, rank)];
        var pads = node.Attributes.GetInts("pads") ?? [.. Enumerable.Repeat(0L, 2 * rank)];
        var rest = new long[rank];
        for (var axis = 0; axis < rank; axis++)
        {
            var reached = (output[axis] - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 - pads[axis]
                - pads[axis + rank];
            rest[axis] = input[axis] - reached;
            if (rest[axis] < 0 || rest[axis] >= Math.Max(strides[axis], dilations[axis])) return null;
        }
        return rest;
    }
}
