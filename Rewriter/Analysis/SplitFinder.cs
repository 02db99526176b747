using OnnxActNN.Rewriter.Diagnostics;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>Finds where the forward pass ends and the backward pass begins.</summary>
/// <remarks>
/// 1. A YieldOp: gradients are what depends on its outputs.
/// 2. A seed, the initializer <c>NAME_grad</c> of a graph output NAME: gradients are what depends on it.
/// 3. Neither: gradients are what the loss does not need and depends on everything that the loss depends on.
/// The backward pass is every node that makes gradients, and every node all of whose results only backward nodes read.
/// ONNX Runtime's marker ("Backward pass" in doc_string), where the file has it, is taken instead of the last sentence.
/// </remarks>
internal static class SplitFinder
{
    private const string SeedSuffix = "_grad";
    private static readonly OperatorId YieldOp = new(OperatorId.Microsoft, "YieldOp");

    /// <exception cref="UnsupportedGraphException">The graph has no backward pass that any rule finds.</exception>
    public static ForwardBackwardSplit Find(Graph graph, string? loss = null)
    {
        var (dialect, gradients, makers) = FindGradients(graph, loss);
        if (!graph.Nodes.Any(BackwardMark.IsOn))
            return new ForwardBackwardSplit(dialect, Complete(graph, makers), gradients);
        makers.UnionWith(graph.Nodes.Where(BackwardMark.IsOn));
        return new ForwardBackwardSplit(dialect, makers, gradients);
    }

    /// <summary>The losses of rule 2, each with the constant that its gradients begin with.</summary>
    public static IReadOnlyList<(Value Loss, Value Seed)> SeedsOf(Graph graph) =>
        [.. from seed in graph.Initializers
            where seed.Name.EndsWith(SeedSuffix, StringComparison.Ordinal)
            let loss = graph.FindOwn(seed.Name[..^SeedSuffix.Length])
            where loss is { IsGraphOutput: true }
            select (loss, seed)];

    /// <summary>The same without the marker, as for files that a tool stripped of doc strings.</summary>
    /// <exception cref="UnsupportedGraphException">The graph has no backward pass that any rule finds.</exception>
    public static ForwardBackwardSplit FindWithoutMarker(Graph graph, string? loss = null)
    {
        var (dialect, gradients, makers) = FindGradients(graph, loss);
        return new ForwardBackwardSplit(dialect, Complete(graph, makers), gradients);
    }

    private static (Dialect Dialect, GraphItemSet<Value> Gradients, GraphItemSet<Node> Makers) FindGradients(
        Graph graph, string? loss)
    {
        var yields = graph.Nodes.Where(node => node.Operator == YieldOp)
            .ToList();
        if (yields.Count > 0)
        {
            var (values, nodes) = Reach.From(graph, yields.SelectMany(node => node.Results));
            return (Dialect.OrtModule, values, nodes);
        }
        var seeds = SeedsOf(graph);
        if (seeds.Count > 0)
        {
            var (values, nodes) = Reach.From(graph, seeds.Select(seed => seed.Seed));
            if (nodes.Count > 0) return (Dialect.OrtArtifacts, values, nodes);
        }
        return StepGraphGradients.Find(graph, loss);
    }

    /// <summary>
    /// Adds the nodes whose every result is read, and only by backward nodes; from the end of the graph forward.
    /// </summary>
    private static GraphItemSet<Node> Complete(Graph graph, GraphItemSet<Node> makers)
    {
        foreach (var node in TopologicalOrder.Of(graph).Reverse())
        {
            var results = node.Results.ToList();
            var readers = results.SelectMany(result => result.Uses).ToList();
            if (readers.Count > 0 && !results.Any(result => result.IsGraphOutput)
                && readers.TrueForAll(use => makers.Contains(Reach.OwnerIn(graph, use.Node) ?? use.Node)))
                makers.Add(node);
        }
        return makers;
    }
}
