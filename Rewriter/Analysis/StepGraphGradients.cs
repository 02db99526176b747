using System.Collections;
using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// Finds the gradients of a step graph, where nothing but the flow of data tells them from forward values.
/// </summary>
/// <remarks>
/// The gradient of the loss with respect to the last results depends on those results, hence on every parameter before
/// them; a forward tensor that waits for its gradient depends on the parameters before it only. So a gradient is a
/// value that the loss does not need and that depends on every floating-point leaf the loss depends on.
/// </remarks>
internal static class StepGraphGradients
{
    /// <exception cref="UnsupportedGraphException">
    /// No loss is named or found, or nothing but the loss is computed.
    /// </exception>
    public static (Dialect Dialect, GraphItemSet<Value> Gradients, GraphItemSet<Node> Makers) Find(
        Graph graph, string? lossName)
    {
        var loss = FindLoss(graph, lossName);
        var ancestors = Reach.Ancestors([loss]);
        var forward = new GraphItemSet<Node>(ancestors);
        var leaves = ancestors.SelectMany(node => node.Reads).Where(IsLeaf).Distinct().ToList();
        var gradients = DependingOnAll(graph, leaves).Where(value => !forward.Contains(value.Producer!)).ToList();
        var makers = new GraphItemSet<Node>(gradients.Select(value => value.Producer!));
        if (makers.Count == 0)
        {
            throw new UnsupportedGraphException(
                $"nothing in the graph looks like a backward pass of the loss '{loss}'. Is this a forward model? "
                    + "Rewriting needs a training graph: ONNX Runtime's generate_artifacts makes one. If the loss is "
                    + "another output, name it.");
        }
        return (Dialect.StepGraph, new GraphItemSet<Value>(gradients), makers);
    }

    private static Value FindLoss(Graph graph, string? name)
    {
        if (name is not null)
        {
            return graph.Find(name) is { Producer: not null } named
                ? named
                : throw new UnsupportedGraphException($"no node writes the loss '{name}'.");
        }
        return graph.Outputs.FirstOrDefault(output =>
                output is { Producer: not null, Declared: { Shape: { } shape } type }
                    && type.ElementType.IsPackableFloat()
                && shape.All(dimension => dimension.Value == 1))
            ?? throw new UnsupportedGraphException(
                "no output is a floating-point scalar that could be the loss, and there is no seed "
                    + "gradient. Name the loss.");
    }

    private static bool IsLeaf(Value value) =>
        value.Producer is null && value.Declared is { Shape: { } shape } type && type.ElementType.IsPackableFloat()
        && shape.Any(dimension => dimension.Value != 1);

    private static IEnumerable<Value> DependingOnAll(Graph graph, List<Value> leaves)
    {
        var number = leaves.Select((leaf, index) => (leaf, index)).ToDictionary(pair => pair.leaf, pair => pair.index);
        var dependencies = new Dictionary<Value, BitArray>();
        foreach (var node in TopologicalOrder.Of(graph))
        {
            var seen = new BitArray(leaves.Count);
            foreach (var input in node.Reads)
            {
                if (number.TryGetValue(input, out var index)) seen[index] = true;
                if (dependencies.TryGetValue(input, out var inherited)) seen.Or(inherited);
            }
            foreach (var output in node.Results) dependencies[output] = seen;
        }
        return dependencies.Where(entry => entry.Value.HasAllSet()).Select(entry => entry.Key);
    }
}
