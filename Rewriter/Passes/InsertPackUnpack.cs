using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Applies a finished plan: puts packs behind producers and unpacks before backward consumers.</summary>
/// <remarks>
/// 1. A packed tensor gets a QuantizePack, a tensor of which only the shape is needed a ShapeCarrier, right after its producer.
/// 2. All its forward readers read the pass-through: so the pack lies on the forward path and runs in the forward pass.
/// 3. A backward reader of the value reads an UnpackDequant right before it, which waits for the reader's gradient.
/// 4. A backward reader of the sign reads an UnpackDequant of its own with output "nonzero", never a decoded value.
/// 5. Readers next to each other in the executed order share one unpack; others have one each.
/// 6. A backward Shape or Size reads the carrier, so that nothing of the tensor stays alive for its shape.
/// </remarks>
internal sealed class InsertPackUnpack
{
    private readonly Graph _graph;
    private readonly ForwardBackwardSplit _split;
    private readonly ShapeReaderRewriter _shapes;
    private readonly Func<Value, TensorType?> _typeOf;
    private readonly Dictionary<Node, int> _executed;
    private readonly long _seed;

    public InsertPackUnpack(Model model, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf, long seed)
    {
        _graph = model.Graph;
        _split = split;
        _typeOf = typeOf;
        _seed = seed;
        _shapes = new ShapeReaderRewriter(model);
        _executed = ExecutionOrder.Of(_graph).Select((node, index) => (node, index))
            .ToDictionary(pair => pair.node, pair => pair.index);
    }

    public IReadOnlyList<PackedPair> Apply(IEnumerable<TensorPlan> plans)
    {
        var pairs = new List<PackedPair>();
        foreach (var plan in plans)
        {
            if (plan.Decision is not (StorageDecision.Quantize or StorageDecision.Shape)) continue;
            var pair = InsertPack(plan, pairs.Count);
            InsertUnpacks(pair);
            pairs.Add(pair);
        }
        return pairs;
    }

    private PackedPair InsertPack(TensorPlan plan, int id)
    {
        // Rule 1.
        var value = plan.Tensor.Value;
        var isPack = plan.Decision == StorageDecision.Quantize;
        var packed = isPack ? _graph.AddFreshValue($"{value.Name}/packed") : null;
        var shape = _graph.AddFreshValue($"{value.Name}/shape");
        var passThrough = _graph.AddFreshValue($"{value.Name}/passthrough", plan.Tensor.Type);
        var op = isPack ? PackOperators.QuantizePack : PackOperators.ShapeCarrier;
        var node = GraphEditor.Insert(
            inserted => _graph.Nodes.InsertAfter(value.Producer!, inserted), op, $"{value.Name}/{op.Type}",
            [value], isPack ? [packed, shape, passThrough] : [shape, passThrough]);
        if (plan.Format is { } format) PackAttributeWriter.Write(node, format, _seed, id);

        // Rule 2.
        GraphEditor.ReplaceUses(value, passThrough, use => use.Node != node && !IsBackward(use));
        return new PackedPair(plan, node, packed, shape, passThrough);
    }

    private bool IsBackward(Use use) => Reach.OwnerIn(_graph, use.Node) is { } owner && _split.IsBackward(owner);

    private void InsertUnpacks(PackedPair pair)
    {
        var value = pair.Plan.Tensor.Value;
        var lastRead = new Dictionary<UnpackOutput, (int At, Value Restored)>();
        foreach (var consumer in pair.Plan.Tensor.Consumers.OrderBy(consumer => _executed[consumer.Use.Node]))
        {
            var use = consumer.Use;
            if (pair.Plan.DecisionFor(consumer) == StorageDecision.Shape)
            {
                _shapes.Rewire(use.Node, pair.Shape); // Rule 6.
                continue;
            }
            var output = pair.Plan.DecisionFor(consumer) == StorageDecision.Mask ? UnpackOutput.Nonzero : UnpackOutput.Value;
            var at = _executed[use.Node];
            if (lastRead.TryGetValue(output, out var last) && at - last.At <= 1)
            {
                use.Node.SetInput(use.Input, last.Restored); // Rule 5.
                lastRead[output] = (at, last.Restored);
                continue;
            }
            // Rules 3 and 4.
            var restored = InsertUnpack(pair, consumer, output);
            use.Node.SetInput(use.Input, restored);
            lastRead[output] = (at, restored);
        }
    }

    private Value InsertUnpack(PackedPair pair, SavedTensorConsumer consumer, UnpackOutput output)
    {
        var reader = consumer.Use.Node;
        var value = pair.Plan.Tensor.Value;
        var stem = $"{value.Name}/{(output == UnpackOutput.Nonzero ? "nonzero" : "restored")}";
        var restored = _graph.AddFreshValue(stem, pair.Plan.Tensor.Type);
        var trigger = TriggerOfType(consumer, pair.Plan.Tensor.Type!.ElementType);
        var node = GraphEditor.Insert(
            inserted => _graph.Nodes.InsertBefore(reader, inserted), PackOperators.UnpackDequant,
            $"{restored.Name}/{PackOperators.UnpackDequant.Type}", [pair.Packed, pair.Shape, trigger], [restored]);
        node.DocString = reader.DocString;
        if (output == UnpackOutput.Nonzero) node.Attributes.Set(PackAttributes.Output, PackAttributes.TextOf(output));
        pair.Unpacks.Add(node);
        return restored;
    }

    /// <summary>
    /// The gradient that the reader waits for, cast where its type differs: the trigger's type chooses the operator's
    /// overload.
    /// </summary>
    private Value TriggerOfType(SavedTensorConsumer consumer, DataType type)
    {
        var (reader, trigger) = (consumer.Use.Node, consumer.Trigger!);
        if (_typeOf(trigger) is not { } known || known.ElementType == type) return trigger;
        var cast = _graph.AddFreshValue($"{trigger.Name}/cast", known with { ElementType = type });
        var node = GraphEditor.Insert(
            inserted => _graph.Nodes.InsertBefore(reader, inserted), OperatorId.Onnx("Cast"), $"{cast.Name}/Cast", [trigger], [cast]);
        node.DocString = reader.DocString;
        node.Attributes.Set("to", (long)type);
        return cast;
    }
}
