using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Training.Measurement;

/// <summary>
/// A training graph as a session ran it: the order and the sizes from the profile, who reads what from the optimized
/// graph.
/// </summary>
internal sealed class ExecutedGraph
{
    /// <summary>Matches kernels with nodes, by name.</summary>
    /// <param name="original">The graph before the session's optimizers, with unique node names.</param>
    /// <param name="loss">Its loss.</param>
    /// <param name="optimized">The graph that the session's optimizers made.</param>
    /// <param name="run">The kernels of one run, in executed order.</param>
    /// <exception cref="ProfileFormatException">A kernel belongs to no node of the graph.</exception>
    public ExecutedGraph(Graph original, string loss, Graph optimized, IReadOnlyList<ExecutedKernel> run)
    {
        var nodes = optimized.Nodes.Where(node => node.Name.Length > 0).ToLookup(node => node.Name);
        var inBodies = optimized.Nodes.SelectMany(BodiesOf).SelectMany(body => body.Nodes)
            .Select(node => node.Operator.Type).ToHashSet();
        Kernels = [.. run.Where(kernel => !IsOfBody(kernel))];
        var unnamed = optimized.Nodes.Where(node => node.Name.Length == 0).GroupBy(node => node.Operator.Type)
            .ToDictionary(group => group.Key, group => new Queue<Node>(group));
        var bytes = new Dictionary<string, long>();
        var order = new List<Node>(Kernels.Count);
        foreach (var kernel in Kernels)
        {
            var node = nodes[kernel.Node].FirstOrDefault() ?? TakeUnnamed(kernel) ?? throw new ProfileFormatException(
                "profile", $"kernel '{kernel.Node}' ({kernel.Operator}) belongs to no node of the optimized graph.");
            var outputs = node.Outputs.OfType<Value>().ToList();
            foreach (var (output, tensor) in outputs.Zip(kernel.Outputs)) bytes[output.Name] = tensor.Bytes;
            order.Add(node);
        }
        // A node that runs a graph of its own has that graph's kernels in the profile too.
        bool IsOfBody(ExecutedKernel kernel) => !nodes.Contains(kernel.Node) && inBodies.Contains(kernel.Operator)
            && !optimized.Nodes.Any(node => node.Name.Length == 0 && node.Operator.Type == kernel.Operator);

        // A function that ONNX Runtime inlines leaves nodes without names; the file has its nodes in the executed
        // order.
        Node? TakeUnnamed(ExecutedKernel kernel) =>
            unnamed.TryGetValue(kernel.Operator, out var waiting) && waiting.TryDequeue(out var next) ? next : null;

        Timeline = new LivenessTimeline(
            LivenessSteps.Of(order, value => value.Declared),
            value => bytes.GetValueOrDefault(value),
            value => optimized.Find(value) is { } found ? BufferViews.Owner(found).Name : value,
            optimized.Outputs.Select(output => output.Name).ToHashSet());
        FirstGradient = FirstGradientStep(original, loss, Kernels);
        SavedBytes = Timeline.Crossing(FirstGradient).Sum(buffer => buffer.Bytes);
    }

    /// <summary>The run's kernels but those within other nodes: the steps of the timeline.</summary>
    public IReadOnlyList<ExecutedKernel> Kernels { get; }

    public LivenessTimeline Timeline { get; }

    /// <summary>Index of the first kernel that makes a gradient; the number of kernels where none does.</summary>
    public int FirstGradient { get; }

    /// <summary>Bytes of distinct buffers made before the first gradient is computed and needed from then on.</summary>
    public long SavedBytes { get; }

    private static IEnumerable<Graph> BodiesOf(Node node) =>
        node.Subgraphs.SelectMany(body => body.Nodes.SelectMany(BodiesOf).Prepend(body));

    /// <summary>
    /// The first kernel that makes a gradient. Told by the original graph: optimizers fold the seed away and drop the
    /// marker, but nodes keep their names.
    /// </summary>
    private static int FirstGradientStep(Graph original, string loss, IReadOnlyList<ExecutedKernel> run)
    {
        var split = SplitFinder.Find(original, loss);
        var makers = original.Nodes.Where(node => node.Outputs.OfType<Value>().Any(split.IsGradient))
            .Select(node => node.Name).ToHashSet();
        for (var step = 0; step < run.Count; step++)
        {
            if (makers.Contains(run[step].Node)) return step;
        }
        return run.Count;
    }
}
