using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Applies the plan's rebuilt tensors: their readers read what is computed from the stores of others, right before them.
/// </summary>
/// <remarks>
/// 1. A reader of a rebuilt value reads a BatchNormalizationFromPacked, whose addend comes from the same operator or an UnpackDequant,
/// and so on. All wait for the reader's gradient.
/// 2. Readers next to each other in the executed order share what is rebuilt; others have it computed for each.
/// </remarks>
internal sealed class InsertRebuilds
{
    private const int Scale = 1;
    private const int Bias = 2;
    private const int SavedMean = 3;
    private const int SavedInverseDeviation = 4;

    private readonly Graph _graph;
    private readonly Dictionary<Value, PackedPair> _codes;
    private readonly Dictionary<Value, PackedPair> _masks;
    private readonly IReadOnlyDictionary<Node, int> _executed;

    /// <param name="graph">The graph, with its packs.</param>
    /// <param name="pairs">The packs.</param>
    /// <param name="executed">When each node of the original ran.</param>
    public InsertRebuilds(Graph graph, IReadOnlyCollection<PackedPair> pairs, IReadOnlyDictionary<Node, int> executed)
    {
        _graph = graph;
        _codes = PairsOf(store => store.Format is not null);
        _masks = PairsOf(store => store.Decision == StorageDecision.Mask);
        _executed = executed;

        Dictionary<Value, PackedPair> PairsOf(Func<Store, bool> isWanted) =>
            pairs.Where(pair => isWanted(pair.Store)).DistinctBy(pair => pair.Plan.Tensor.Value)
                .ToDictionary(pair => pair.Plan.Tensor.Value);
    }

    public void Apply(IEnumerable<TensorPlan> plans)
    {
        foreach (var plan in plans.Where(plan => plan.Restoration is not null)) RewireReaders(plan);
    }

    private void RewireReaders(TensorPlan plan)
    {
        (int At, Value Restored)? last = null;
        var reads = plan.Reads.Where(read => read.Form == ReadForm.Rebuilt).Select(read => read.Consumer);
        foreach (var consumer in reads.OrderBy(consumer => _executed[consumer.Use.Node]))
        {
            var (reader, input) = consumer.Use;
            var restored = last is { } shared && _executed[reader] - shared.At <= 1
                ? shared.Restored // Rule 2.
                : Insert(plan.Restoration!, reader, consumer.Trigger!); // Rule 1.
            reader.SetInput(input, restored);
            last = (_executed[reader], restored);
        }
    }

    private Value Insert(Restoration restoration, Node reader, Value trigger) => restoration switch
    {
        NormalizedTensor tensor => InsertNormalized(tensor, reader, trigger),
        UnpackedTensor => InsertUnpack(_codes[restoration.Value], reader, trigger),
        _ => throw new InvalidOperationException($"'{restoration.Value}' cannot be restored by {restoration.GetType().Name}."),
    };

    private Value InsertNormalized(NormalizedTensor tensor, Node reader, Value trigger)
    {
        var addend = tensor.Addend is { } other ? Insert(other, reader, trigger) : null;
        var source = _codes[tensor.Source];
        var normalization = tensor.Normalization;
        List<Value?> inputs =
        [
            source.Packed, source.Shape, trigger, normalization.Input(Scale), normalization.Input(Bias),
            normalization.Output(SavedMean), normalization.Output(SavedInverseDeviation),
            tensor.HasMask ? _masks[tensor.Value].Packed : null, addend,
        ];
        while (inputs[^1] is null) inputs.RemoveAt(inputs.Count - 1);
        var rebuilt = Insert(
            reader, PackOperators.BatchNormalizationFromPacked, $"{tensor.Value.Name}/rebuilt", source.Plan.Tensor.Type, inputs);
        source.Unpacks.Add(rebuilt.Producer!);
        return rebuilt;
    }

    private Value InsertUnpack(PackedPair pair, Node reader, Value trigger)
    {
        var restored = Insert(
            reader, PackOperators.UnpackDequant, $"{pair.Plan.Tensor.Value.Name}/restored", pair.Plan.Tensor.Type,
            [pair.Packed, pair.Shape, trigger]);
        pair.Unpacks.Add(restored.Producer!);
        return restored;
    }

    private Value Insert(Node reader, OperatorId op, string name, TensorType? type, IEnumerable<Value?> inputs)
    {
        var result = _graph.AddFreshValue(name, type);
        var node = GraphEditor.Insert(
            inserted => _graph.Nodes.InsertBefore(reader, inserted), op, $"{result.Name}/{op.Type}", inputs, [result]);
        node.DocString = BackwardMark.SameAs(reader);
        return result;
    }
}
