using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets gradients be summed as soon as they are there, before the next tensor is restored.</summary>
/// <remarks>
/// ONNX Runtime runs a sum when its result is asked for and holds the summands until then. In a DenseNet each layer
/// gives gradients to all layers before it, and most of them would wait for long.
/// 1. In executed order, before each operator that restores a tensor when a gradient is there, the AddInPlaces of the
/// backward pass whose summands are there, and have no other reader to come, are put in a row: the first one waits for
/// that gradient, each for the one before it, and the operator for the last.
/// 2. Where the gradient is no float32 tensor, which an AddInPlace could not wait for, nothing changes.
/// 3. Nodes that now stand behind their readers move before them. There is no cycle: what runs early could have run
/// there.
/// </remarks>
internal sealed class AddEarly(Graph graph, GraphItemSet<Node> forward, Func<Value, TensorType?> typeOf)
{
    private readonly GraphItemSet<Node> _done = new();

    /// <summary>What the sum in hand waits for.</summary>
    private readonly HashSet<Node> _others = [];

    /// <summary>Of each sum that has not run, how many nodes it waits for.</summary>
    private readonly GraphItemMap<Node, int> _missing = new();

    /// <summary>The sums that wait for a node.</summary>
    private readonly GraphItemMap<Node, List<Node>> _waiting = new();

    /// <summary>Sums that can run, by their place in the graph.</summary>
    private readonly PriorityQueue<Node, long> _ready = new();

    /// <param name="executed">The nodes as they run, where that is known; null to find out.</param>
    public void Apply(IReadOnlyList<Node>? executed = null)
    {
        foreach (var node in graph.Nodes.Where(
            node => node.Operator == PackOperators.AddInPlace && !forward.Contains(node)))
            Watch(node);
        if (_missing.Count == 0) return;
        foreach (var node in executed ?? ExecutionOrder.Of(graph))
        {
            if (PackOperators.Restores(node.Operator))
                node.SetInput(PackOperators.Trigger, AfterSums(node.Input(PackOperators.Trigger)!));
            Finish(node);
        }
        TopologicalOrder.Restore(graph); // Rule 3.
    }

    /// <summary>Rule 1: what is there once the trigger is, and the sums that can run then.</summary>
    private Value AfterSums(Value trigger)
    {
        if ((typeOf(trigger) ?? trigger.Declared)?.ElementType != DataType.Float) return trigger; // Rule 2.
        while (_ready.TryDequeue(out var sum, out _))
        {
            if (_done.Contains(sum)) continue;
            sum.SetInput(PackOperators.Trigger, trigger);
            trigger = sum.Output(0)!;
            Finish(sum);
        }
        return trigger;
    }

    /// <summary>Notes what a sum waits for: what makes its summands, and their other readers.</summary>
    private void Watch(Node sum)
    {
        _others.Clear();
        foreach (var summand in sum.Reads)
        {
            if (summand.Producer is { } producer) _others.Add(producer);
            foreach (var held in BufferViews.ValuesIn(BufferViews.Owner(summand)))
            {
                foreach (var use in held.Uses)
                {
                    if (Reach.OwnerIn(graph, use.Node) is { } reader && reader != sum) _others.Add(reader);
                }
            }
        }
        _missing[sum] = _others.Count;
        foreach (var node in _others)
        {
            if (!_waiting.TryGetValue(node, out var sums)) _waiting[node] = sums = [];
            sums.Add(sum);
        }
    }

    private void Finish(Node node)
    {
        if (!_done.Add(node) || !_waiting.TryGetValue(node, out var sums)) return;
        foreach (var sum in sums)
        {
            if (--_missing[sum] == 0) _ready.Enqueue(sum, sum.Place);
        }
    }
}
