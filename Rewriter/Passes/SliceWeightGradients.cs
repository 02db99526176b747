using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Lowering;
using OnnxActNN.Rewriter.Shapes;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Computes weight gradients of convolutions at the step's peak in slices of the batch, so that of the restored input a
/// slice exists at a time.
/// </summary>
/// <remarks>
/// 1. The peak is that of the buffers' lives in ONNX Runtime's order. Where it stands at a ConvGrad, at what restores
/// its input or at the accumulator of its result, that ConvGrad is cut, and the peak is looked for again; until it
/// stands elsewhere, or where cutting frees nothing: a slice of the restored input and one of dY are there at once.
/// 2. dW is the sum of the slices', each added by an InPlaceAccumulatorV2 of its own to the caller's buffer, so that no
/// sum waits beside it. A dW that is read by anything else stays whole. dB is summed up by a Sum.
/// 3. The input is restored for this node alone, by UnpackDequant and BatchNormalizationFromPacked, which take a slice
/// where a sample has so many elements that no row of the code holds two.
/// 4. A slice's BatchSlice waits for the accumulator before, and what restores the input waits for it.
/// 5. Only where dW is all it makes, but for dB; see <see cref="SplitConvolutionGradient"/>.
/// </remarks>
internal sealed class SliceWeightGradients(Model model, IReadOnlyCollection<PackedPair> pairs, RewriteOptions options)
{
    private static readonly OperatorId ConvGrad = new(OperatorId.Microsoft, "ConvGrad");

    private readonly Graph _graph = model.Graph;

    /// <summary>Tells which ConvGrads were cut; they are in the graph no more.</summary>
    public IReadOnlySet<Node> Apply()
    {
        var sliced = new HashSet<Node>();
        for (var peak = StepPeak.Find(model, options.Dimensions); Candidate(peak) is { } gradient;
            peak = StepPeak.Find(model, options.Dimensions))
        {
            Slice(gradient, peak.Types);
            sliced.Add(gradient);
        }
        return sliced;
    }

    /// <summary>Rule 1.</summary>
    private Node? Candidate(StepPeak peak)
    {
        var node = peak.Node;
        if (node?.Operator == TrainingOperators.Accumulator) node = node.Input(1)?.Producer;
        while (node is not null && IsRestorer(node)) node = node.Output(0) is { Uses: [var only] } ? only.Node : null;
        return node?.Operator == ConvGrad && node.Output(0) is null && AccumulatorOf(node) is not null // Rule 5.
            && Restorers(node.Input(1)!, peak.Types) is not null && Frees(node, peak)
            ? node
            : null;
    }

    private bool Frees(Node gradient, StepPeak peak)
    {
        var (dY, x) = (gradient.Input(0)!, gradient.Input(1)!);
        if (peak.Types.SizesOf(x) is not [> 0 and var samples, ..]) return false;
        var ofSlice = (double)((samples + options.BatchSlices - 1) / options.BatchSlices) / samples;
        return (peak.BytesOf(x) + peak.BytesOf(dY)) * ofSlice < peak.BytesOf(x);
    }

    /// <summary>Rule 2.</summary>
    private static Node? AccumulatorOf(Node gradient) =>
        gradient.Output(1) is { IsGraphOutput: false, Uses: [{ Input: 1, Node: var reader }] }
            && reader.Operator == TrainingOperators.Accumulator
            ? reader
            : null;

    /// <summary>Rule 3: what restores the value, in order; null where it cannot be restored in slices.</summary>
    private static List<Node>? Restorers(Value restored, InferredTypes types)
    {
        if (restored is not { Uses.Count: 1, IsGraphOutput: false, Producer: { } node }) return null;
        if (!IsRestorer(node) || node.Attributes.Find(SliceAttributes.Count) is not null
            || !HasLargeSamples(types.ShapeOf(node.Input(1)!)))
            return null;
        var before = node.Input(PackOperators.OverwrittenAddend) is { } addend ? Restorers(addend, types) : [];
        return before is null ? null : [.. before, node];
    }

    private static bool IsRestorer(Node node) =>
        node.Operator == PackOperators.UnpackDequant || node.Operator == PackOperators.BatchNormalizationFromPacked;

    private static bool HasLargeSamples(Shape? carrier) =>
        carrier is not null
            && carrier.Skip(1).SkipLast(1)
            .Aggregate(Dimension.One, (elements, size) => elements * size).Value >= PackedLayout.ShortestRow;

    private void Slice(Node gradient, InferredTypes types)
    {
        var accumulator = AccumulatorOf(gradient)!;
        var restorers = Restorers(gradient.Input(1)!, types)!;
        var biases = new List<Value>();
        Value? accumulated = null;
        for (var index = 0; index < options.BatchSlices; index++)
        {
            var writer = new SliceWriter(
                _graph, gradient, BatchSlice.Create(index, options.BatchSlices),
                value => types.Of(value) ?? value.Declared);
            var dY = writer.Cut(gradient.Input(0)!, accumulated); // Rule 4.
            foreach (var restorer in restorers) PairOf(restorer).Unpacks.Add(writer.Restore(restorer, dY));
            var part = writer.WriteGradient();
            if (part.Output(2) is { } bias) biases.Add(bias);
            // Rule 2. What the caller's flag says of the buffer's old content holds for the first slice.
            var flag = index == 0 ? accumulator.Input(2) : null;
            if (index + 1 < options.BatchSlices)
            {
                accumulated = writer.Accumulate(accumulator.Input(0)!, part.Output(1)!, flag);
                continue;
            }
            accumulator.SetInput(1, part.Output(1));
            accumulator.SetInput(2, flag);
        }
        SumBiases(gradient, biases);
        GraphEditor.Remove(gradient);
        foreach (var restorer in restorers.AsEnumerable().Reverse())
        {
            PairOf(restorer).Unpacks.Remove(restorer);
            GraphEditor.Remove(restorer);
        }
    }

    /// <summary>Rule 2.</summary>
    private void SumBiases(Node gradient, List<Value> biases)
    {
        if (biases.Count == 0) return;
        var dB = gradient.Output(2)!;
        gradient.SetOutput(2, null);
        var sum = GraphEditor.InsertBefore(gradient, OperatorId.Onnx("Sum"), $"{dB.Name}/Sum", biases, [dB]);
        sum.DocString = gradient.DocString;
    }

    private PackedPair PairOf(Node restorer) => pairs.First(pair => pair.Packed == restorer.Input(0));
}
