using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Planning;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets the backward pass wait for the end of the forward pass.</summary>
/// <remarks>
/// ONNX Runtime runs what somebody asks for: of a sum of losses, the gradients of one may be asked for before the other
/// is computed. What both read is then alive as it was made, beside what is restored of it.
/// 1. Only where the executed order has a reader of a packed tensor before the producer of another one, and where the
/// backward pass begins with one seed.
/// 2. All read the seed through an Anchor, which waits for the loss: for bytes made of it, as an Anchor waits for no
/// other.
/// </remarks>
internal static class EndForwardFirst
{
    private static readonly OperatorId Cast = OperatorId.Onnx("Cast");

    /// <summary>Applies the rules to a graph that no pack stands in yet; tells whether anything changed.</summary>
    public static bool Apply(Graph graph, IReadOnlyList<TensorPlan> plans, GraphItemMap<Node, int> executed)
    {
        // Rule 1.
        if (SplitFinder.SeedsOf(graph) is not [var (loss, seed)] || loss.Producer is null
            || !IsMixed(graph, plans, executed))
            return false;
        // Rule 2.
        var (bytes, anchored) = (
            graph.AddFreshValue($"{loss.Name}/bytes"), graph.AddFreshValue($"{seed.Name}/anchored", seed.Declared));
        var cast = GraphEditor.InsertAfter(loss.Producer, Cast, bytes.Name, [loss], [bytes]);
        cast.Attributes.Set("to", (long)DataType.UInt8);
        var anchor = GraphEditor.InsertAfter(cast, PackOperators.Anchor, anchored.Name, [seed, bytes], [anchored]);
        GraphEditor.ReplaceUses(seed, anchored, use => use.Node != anchor);
        TopologicalOrder.Restore(graph);
        return true;
    }

    private static bool IsMixed(Graph graph, IReadOnlyList<TensorPlan> plans, GraphItemMap<Node, int> executed)
    {
        var packed = plans.Where(plan => plan.Decision is not (StorageDecision.Exact or StorageDecision.Shape))
            .Select(plan => plan.Tensor).ToList();
        if (packed.Count == 0) return false;
        var firstReader = packed.SelectMany(tensor => tensor.Consumers)
            .Min(consumer => executed[Reach.OwnerIn(graph, consumer.Use.Node)!]);
        return packed.Exists(tensor => tensor.Value.Producer is { } producer && executed[producer] > firstReader);
    }
}
