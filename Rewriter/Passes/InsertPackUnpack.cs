using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Applies a finished plan: puts packs behind producers and lets backward consumers read what they wrote.
/// </summary>
/// <remarks>
/// 1. Each store of a tensor gets a pack on the way of the forward pass; see <see cref="StoreInserter"/>.
/// 2. A backward reader of values reads an UnpackDequant right before it, which waits for the reader's gradient; one of
/// a bool tensor a MaskUnpack.
/// 3. A formula that can be computed from the packed bytes gives way to one operator; see
/// <see cref="DirectReadInserter"/>.
/// 4. Another reader of a Relu's sign reads an UnpackDequant with output "nonzero", never a decoded value.
/// 5. Readers next to each other in the executed order share one unpack; others have one each.
/// 6. A backward Shape or Size reads the carrier, so that nothing of the tensor stays alive for its shape.
/// </remarks>
internal sealed class InsertPackUnpack
{
    private readonly Graph _graph;
    private readonly ShapeReaderRewriter _shapes;
    private readonly StoreInserter _stores;
    private readonly DirectReadInserter _directReads;
    private readonly Func<Value, TensorType?> _typeOf;
    private readonly GraphItemMap<Node, int> _executed;

    /// <summary>Of the tensor in hand, what was restored last, and when.</summary>
    private readonly Dictionary<(Store, ReadForm), (int At, Value Restored)> _lastRead = [];

    /// <param name="model">The model.</param>
    /// <param name="split">Its halves.</param>
    /// <param name="typeOf">Its types.</param>
    /// <param name="saved">All that the forward pass saves.</param>
    /// <param name="executed">When each node runs.</param>
    /// <param name="options">The seed of the codes' random numbers, and what runs the result.</param>
    public InsertPackUnpack(
        Model model, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf, IReadOnlyList<SavedTensor> saved,
        GraphItemMap<Node, int> executed, RewriteOptions options)
    {
        _graph = model.Graph;
        _typeOf = typeOf;
        _shapes = new ShapeReaderRewriter(model);
        _stores = new StoreInserter(_graph, split, typeOf, saved, options);
        _directReads = new DirectReadInserter(_graph, split, typeOf);
        _executed = executed;
    }

    public IReadOnlyList<PackedPair> Apply(IEnumerable<TensorPlan> plans)
    {
        var all = new List<PackedPair>();
        foreach (var plan in plans)
        {
            var pairs = _stores.Insert(plan); // Rule 1.
            InsertReads(plan, pairs);
            all.AddRange(pairs);
        }
        return all;
    }

    private void InsertReads(TensorPlan plan, IReadOnlyList<PackedPair> pairs)
    {
        if (pairs.Count == 0) return;
        _lastRead.Clear();
        foreach (var read in InOrder(plan.Reads))
        {
            var pair = OfStore(pairs, read.Store);
            var use = read.Consumer.Use;
            switch (read.Form)
            {
                case ReadForm.Dimensions:
                    _shapes.Rewire(use.Node, pair.Shape); // Rule 6.
                    break;
                case ReadForm.Direct:
                    _directReads.Insert(pair, read.Consumer.Direct!); // Rule 3.
                    break;
                default:
                    var at = _executed[use.Node];
                    var isShared = _lastRead.TryGetValue((read.Store, read.Form), out var last) && at - last.At <= 1;
                    var restored = isShared ? last.Restored : InsertUnpack(pair, read); // Rules 2, 4 and 5.
                    use.Node.SetInput(use.Input, restored);
                    _lastRead[(read.Store, read.Form)] = (at, restored);
                    break;
            }
        }
    }

    /// <summary>What reads packs, as it runs; mostly there is one.</summary>
    private IEnumerable<ConsumerPlan> InOrder(IReadOnlyList<ConsumerPlan> reads)
    {
        if (reads is [var only]) return HasPack(only) ? reads : [];
        return reads.Where(HasPack).OrderBy(read => _executed[read.Consumer.Use.Node]);
    }

    private static PackedPair OfStore(IReadOnlyList<PackedPair> pairs, Store store)
    {
        var at = 0;
        while (pairs[at].Store != store) at++;
        return pairs[at];
    }

    /// <summary>What is rebuilt comes later, from the packs of all tensors; see <see cref="InsertRebuilds"/>.</summary>
    private static bool HasPack(ConsumerPlan read) => read.Form is not (ReadForm.Tensor or ReadForm.Rebuilt);

    private Value InsertUnpack(PackedPair pair, ConsumerPlan read)
    {
        var reader = read.Consumer.Use.Node;
        var (name, type) = (pair.Plan.Tensor.Value.Name, pair.Plan.Tensor.Type!);
        var op = read.Form == ReadForm.Bools ? PackOperators.MaskUnpack : PackOperators.UnpackDequant;
        var restored = _graph.AddFreshValue($"{name}/{(read.Form == ReadForm.Nonzero ? "nonzero" : "restored")}", type);
        var trigger = read.Form == ReadForm.Bools
            ? FloatTrigger(read.Consumer)
            : TriggerOfType(read.Consumer, type.ElementType);
        var node = GraphEditor.InsertBefore(
            reader, op, $"{restored.Name}/{op.Type}", [pair.Packed, pair.Shape, trigger], [restored]);
        node.DocString = BackwardMark.SameAs(reader);
        if (read.Form == ReadForm.Nonzero)
            node.Attributes.Set(PackAttributes.Output, PackAttributes.TextOf(UnpackOutput.Nonzero));
        pair.Unpacks.Add(node);
        return restored;
    }

    /// <summary>A bool tensor's mask waits for any gradient that has a floating-point type, as gradients do.</summary>
    private Value FloatTrigger(SavedTensorConsumer consumer) =>
        _typeOf(consumer.Trigger!) is { } type && !type.ElementType.IsPackableFloat()
            ? TriggerOfType(consumer, DataType.Float)
            : consumer.Trigger!;

    /// <summary>
    /// The gradient that the reader waits for, cast where its type differs: the trigger's type chooses the operator's
    /// overload.
    /// </summary>
    private Value TriggerOfType(SavedTensorConsumer consumer, DataType type)
    {
        var (reader, trigger) = (consumer.Use.Node, consumer.Trigger!);
        if (_typeOf(trigger) is not { } known || known.ElementType == type) return trigger;
        var cast = _graph.AddFreshValue($"{trigger.Name}/cast", known with { ElementType = type });
        var node = GraphEditor.InsertBefore(reader, OperatorId.Onnx("Cast"), $"{cast.Name}/Cast", [trigger], [cast]);
        node.DocString = reader.DocString;
        node.Attributes.Set("to", (long)type);
        return cast;
    }
}
