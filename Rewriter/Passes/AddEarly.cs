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
internal sealed class AddEarly(Graph graph, IReadOnlySet<Node> forward, Func<Value, TensorType?> typeOf)
{
    private readonly HashSet<Node> _done = [];
    private readonly List<Node> _pending =
        [.. graph.Nodes.Where(node => node.Operator == PackOperators.AddInPlace && !forward.Contains(node))];

    public void Apply()
    {
        foreach (var node in ExecutionOrder.Of(graph))
        {
            if (PackOperators.Restores(node.Operator))
                node.SetInput(PackOperators.Trigger, AfterSums(node.Input(PackOperators.Trigger)!));
            if (_done.Add(node)) _pending.Remove(node);
        }
        foreach (var node in TopologicalOrder.Of(graph)) graph.Nodes.MoveToEnd(node); // Rule 3.
    }

    /// <summary>Rule 1: what is there once the trigger is, and the sums that can run then.</summary>
    private Value AfterSums(Value trigger)
    {
        if ((typeOf(trigger) ?? trigger.Declared)?.ElementType != DataType.Float) return trigger; // Rule 2.
        while (_pending.Find(CanRun) is { } sum)
        {
            sum.SetInput(PackOperators.Trigger, trigger);
            trigger = sum.Output(0)!;
            _done.Add(sum);
            _pending.Remove(sum);
        }
        return trigger;
    }

    private bool CanRun(Node sum) => sum.Inputs.OfType<Value>().All(summand => IsDone(summand.Producer)
        && BufferViews.ReadersOf(summand).All(use => use.Node == sum || IsDone(Reach.OwnerIn(graph, use.Node))));

    /// <summary>Whether the node ran; what no node makes is there from the start.</summary>
    private bool IsDone(Node? node) => node is null || _done.Contains(node);
}
