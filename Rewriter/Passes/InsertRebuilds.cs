using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Applies the plan's rebuilt tensors: their readers read what is computed from the stores of others, right before
/// them.
/// </summary>
/// <remarks>
/// 1. A reader of a rebuilt value reads nodes of its own that compute it (<see cref="RestorationWriter"/>). All wait
/// for the reader's gradient.
/// 2. Readers next to each other in the executed order share what is rebuilt; others have it computed for each.
/// </remarks>
internal sealed class InsertRebuilds
{
    private readonly Graph _graph;
    private readonly Func<Value, TensorType?> _typeOf;
    private readonly StoredTensors _stored;
    private readonly GraphItemMap<Node, int> _executed;

    /// <param name="graph">The graph, with its packs.</param>
    /// <param name="typeOf">Types of the original's values.</param>
    /// <param name="pairs">The packs.</param>
    /// <param name="executed">When each node of the original ran.</param>
    public InsertRebuilds(
        Graph graph, Func<Value, TensorType?> typeOf, IReadOnlyCollection<PackedPair> pairs,
        GraphItemMap<Node, int> executed)
    {
        (_graph, _typeOf, _executed) = (graph, typeOf, executed);
        _stored = new StoredTensors(pairs);
    }

    public void Apply(IEnumerable<TensorPlan> plans)
    {
        foreach (var plan in plans.Where(plan => plan.Restoration is not null)) RewireReaders(plan);
    }

    private void RewireReaders(TensorPlan plan)
    {
        (int At, Value Restored)? last = null;
        foreach (var consumer in InOrder(plan.Reads.Where(read => read.Form == ReadForm.Rebuilt)))
        {
            var (reader, input) = consumer.Use;
            var restored = last is { } shared && _executed[reader] - shared.At <= 1
                ? shared.Restored // Rule 2.
                                  // Rule 1.
                : new RestorationWriter(_graph, _stored, _typeOf, reader, consumer.Trigger!).Write(plan.Restoration!);
            reader.SetInput(input, restored);
            last = (_executed[reader], restored);
        }
    }

    /// <summary>As they run; mostly there is one.</summary>
    private List<SavedTensorConsumer> InOrder(IEnumerable<ConsumerPlan> reads)
    {
        var consumers = reads.Select(read => read.Consumer).ToList();
        return consumers.Count < 2
            ? consumers
            : [.. consumers.OrderBy(consumer => _executed[consumer.Use.Node])];
    }
}
