using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Puts the packs of a plan's stores behind the tensor's producer, on the way of the forward pass.</summary>
/// <remarks>
/// 1. Each store but an exact one, and what is rebuilt, gets a pack right after the tensor's producer; a second one
/// reads the first one's pass-through.
/// 2. All forward readers of the tensor read the last pass-through: so the packs run in the forward pass.
/// 3. Where no forward node reads the tensor, another result of its producer goes through an Anchor that waits for the
/// pack. A graph output, which would have to be copied, only where the backward pass does not begin with the tensor's
/// readers: a loss, where there are several. Where none of the producer's results is read forward, what it reads last
/// goes through the Anchor on the way to its other readers.
/// 4. What is kept as its exponential goes through an Exp on the way to its pack, and a sum with a bias through an Add.
/// 5. A MaxPool whose indices are read for its gradient alone becomes a MaxPoolIndexPack, so that no 64 bits for each
/// exist. Where versions of ONNX Runtime count its windows differently (ceil_mode, see <see
/// cref="PoolingWindow.StartsInside"/>) it stays; an IndexPack reads its indices then, and its input for the
/// dimensions. What a NaN makes of a window is that of the runtime which the graph is for.
/// </remarks>
internal sealed class StoreInserter(
    Graph graph, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf, IReadOnlyList<SavedTensor> saved,
    RewriteOptions options)
{
    private readonly PackAttributeWriter _attributes = new(options.Seed);
    private int _count;

    /// <summary>The packs of a plan, in the order of its stores.</summary>
    public IReadOnlyList<PackedPair> Insert(TensorPlan plan)
    {
        var pairs = new List<PackedPair>(plan.Stores.Count);
        var value = plan.Tensor.Value;
        // Other packs may have put their pass-throughs where the producer reads.
        var anchored = plan.Tensor.ForwardInput is { } input
            ? value.Producer!.Input(input)!
            : plan.Tensor.ForwardRead!;
        foreach (var store in plan.Stores)
        {
            if (store.Decision is StorageDecision.Exact or StorageDecision.Rebuild) continue;
            // Rules 1 and 3: what is not read forward has no pass-through to go on from.
            var source = pairs.Count > 0 && anchored == value ? pairs[^1].PassThrough : value;
            pairs.Add(Insert(plan, store, source, anchored == value ? source : anchored));
        }
        return pairs;
    }

    private PackedPair Insert(TensorPlan plan, Store store, Value source, Value forwardRead)
    {
        if (CanPackIndices(plan, store)) return PackIndices(plan, store);
        var name = plan.Tensor.Value.Name;
        var packed = store.Decision == StorageDecision.Shape ? null : graph.AddFreshValue($"{name}/packed");
        var shape = graph.AddFreshValue($"{name}/shape");
        var passThrough = store.Decision == StorageDecision.Index
            ? null
            : graph.AddFreshValue($"{name}/passthrough", plan.Tensor.Type);
        var op = OperatorOf(store);
        var coded = CodedOf(store, source, plan.Tensor.Type); // Rule 4.
        // The carrier's name is fresh: a tensor may have two masks, and node names must differ.
        var own = $"{name}/{op.Type}{shape.Name[$"{name}/shape".Length..]}";
        // Rule 5.
        Value?[] inputs = store.Decision == StorageDecision.Index ? [source, source.Producer!.Input(0)] : [coded];
        var pack = GraphEditor.InsertAfter(
            coded.Producer!, op, own, inputs,
            (packed, passThrough) switch
            {
                (null, _) => [shape, passThrough!],
                (_, null) => [packed, shape],
                _ => [packed, shape, passThrough],
            });
        WriteAttributes(pack, store);
        _count++;
        if (coded != forwardRead || passThrough is null)
        {
            if (forwardRead.IsGraphOutput && FirstReaders.Are(graph, plan.Tensor, saved))
                return new PackedPair(plan, store, pack, packed, shape, forwardRead);
            passThrough = Anchor(forwardRead, packed ?? shape, pack);
        }
        // Rule 2.
        var (last, anchor, producer) = (passThrough, passThrough.Producer, coded.Producer);
        GraphEditor.ReplaceUses(
            forwardRead, last, use => use.Node != anchor && use.Node != producer && !IsBackward(use));
        return new PackedPair(plan, store, pack, packed, shape, passThrough);
    }

    /// <summary>Rule 5.</summary>
    private static bool CanPackIndices(TensorPlan plan, Store store) =>
        store.Decision == StorageDecision.Index
            && plan.Reads.All(read => read.Store == store && read.Form == ReadForm.Direct)
        && plan.Tensor.Value is { IsGraphOutput: false, Producer: { } pool } indices
            && indices.Uses.Count == plan.Reads.Count
        && (!IsCeil(pool) || store.Window!.StartsInside);

    private static bool IsCeil(Node pool) => pool.Attributes.GetInt(PoolingAttributes.CeilMode, 0) != 0;

    /// <summary>Rule 5.</summary>
    private PackedPair PackIndices(TensorPlan plan, Store store)
    {
        var (name, pool) = (plan.Tensor.Value.Name, plan.Tensor.Value.Producer!);
        var (packed, shape, y) =
            (graph.AddFreshValue($"{name}/packed"), graph.AddFreshValue($"{name}/shape"), pool.Output(0)!);
        var x = pool.Input(0);
        pool.SetOutput(0, null);
        pool.SetOutput(1, null);
        var pack = GraphEditor.InsertAfter(pool, PackOperators.MaxPoolIndexPack, pool.Name, [x], [packed, shape, y]);
        pack.DocString = pool.DocString;
        WriteAttributes(pack, store);
        if (IsCeil(pool)) pack.Attributes.Set(PoolingAttributes.CeilMode, 1);
        if (options.Runtime == TargetRuntime.Stock) pack.Attributes.Set(PoolingAttributes.FromFirst, 1);
        GraphEditor.Remove(pool);
        return new PackedPair(plan, store, pack, packed, shape, y);
    }

    /// <summary>Rule 3.</summary>
    private Value Anchor(Value forwardRead, Value packed, Node pack)
    {
        if (forwardRead.IsGraphOutput) return AnchorOutput(forwardRead, packed, pack);
        var passThrough = graph.AddFreshValue($"{forwardRead.Name}/anchored", typeOf(forwardRead));
        GraphEditor.InsertAfter(pack, PackOperators.Anchor, passThrough.Name, [forwardRead, packed], [passThrough]);
        return passThrough;
    }

    /// <summary>A graph output keeps its name: its producer writes another value, and the Anchor the output.</summary>
    private Value AnchorOutput(Value output, Value packed, Node pack)
    {
        var (producer, index) = (output.Producer!, output.OutputIndex);
        var before = graph.AddFreshValue($"{output.Name}/before", typeOf(output));
        producer.SetOutput(index, null);
        producer.SetOutput(index, before);
        GraphEditor.InsertAfter(pack, PackOperators.Anchor, before.Name, [before, packed], [output]);
        return output;
    }

    private Value CodedOf(Store store, Value source, TensorType? type)
    {
        if (store.IsExponential) return Apply("Exp", "exp", source);
        return store.Bias is { } bias ? Apply("Add", "biased", source, bias) : source;

        Value Apply(string op, string stem, params Value[] inputs)
        {
            var result = graph.AddFreshValue($"{source.Name}/{stem}", type);
            GraphEditor.InsertAfter(source.Producer!, OperatorId.Onnx(op), result.Name, inputs, [result]);
            return result;
        }
    }

    private static OperatorId OperatorOf(Store store) => store.Decision switch
    {
        StorageDecision.Quantize when store.Derivative is not null => PackOperators.DerivativePack,
        StorageDecision.Quantize => PackOperators.QuantizePack,
        StorageDecision.Mask => PackOperators.MaskPack,
        StorageDecision.Index => PackOperators.IndexPack,
        _ => PackOperators.ShapeCarrier,
    };

    private void WriteAttributes(Node pack, Store store)
    {
        if (store.Format is { } format) _attributes.Write(pack, format, _count);
        if (store.Derivative is { } derivative) _attributes.Write(pack, derivative, _count);
        if (store.Bits is { } bits) PackAttributeWriter.Write(pack, bits);
        if (store.Window is { } window) PackAttributeWriter.Write(pack, window);
    }

    private bool IsBackward(Use use) => Reach.OwnerIn(graph, use.Node) is { } owner && split.IsBackward(owner);
}
