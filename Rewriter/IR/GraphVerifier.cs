using OnnxActNN.Rewriter.Diagnostics;

namespace OnnxActNN.Rewriter.IR;

/// <summary>
/// Checks that a graph is legal: one small rule per row, each as naive as it can be, so that it shares no mistakes with
/// the code that keeps the use lists.
/// </summary>
internal static class GraphVerifier
{
    private static readonly Func<Graph, IEnumerable<string>>[] Rules =
    [
        NamesFindTheirValues,
        NodesKnowTheirGraph,
        OutputsKnowTheirNode,
        ValuesHaveOneSource,
        UseListsHoldEveryReader,
        UseListsHoldNoOtherReader,
        ReadValuesAreVisible,
        ReadValuesAreWritten,
        GraphOutputsAreWritten,
        NoNodeWaitsForItself,
    ];

    /// <summary>
    /// What is wrong with the graph or the graphs inside it, one sentence each; empty for a legal graph.
    /// </summary>
    public static IReadOnlyList<string> FindBreaches(Graph graph)
    {
        var breaches = new List<string>();
        var graphs = new Stack<Graph>([graph]);
        while (graphs.TryPop(out var current))
        {
            foreach (var rule in Rules) breaches.AddRange(rule(current));
            foreach (var body in current.Nodes.SelectMany(node => node.Subgraphs))
            {
                if (body.Outer != current) breaches.Add($"graph '{body.Name}' does not know the graph around it.");
                graphs.Push(body);
            }
        }
        return breaches;
    }

    /// <exception cref="GraphVerificationException">A rule is broken.</exception>
    public static void Verify(Graph graph)
    {
        var breaches = FindBreaches(graph);
        if (breaches.Count > 0) throw new GraphVerificationException(graph.Name, breaches);
    }

    private static IEnumerable<string> NamesFindTheirValues(Graph graph) =>
        from value in graph.Values.Concat(graph.Nodes.SelectMany(Written)).Distinct()
        where value.Name.Length == 0 || graph.FindOwn(value.Name) != value
        select $"the graph does not find '{value}' under its name.";

    private static IEnumerable<string> NodesKnowTheirGraph(Graph graph) =>
        from node in graph.Nodes
        where node.Graph != graph
        select $"{node} stands in a list that it does not belong to.";

    private static IEnumerable<string> OutputsKnowTheirNode(Graph graph) =>
        from node in graph.Nodes
        from index in Enumerable.Range(0, node.Outputs.Count)
        let output = node.Outputs[index]
        where output is not null && (output.Producer != node || output.OutputIndex != index)
        select $"{node} writes '{output}', which does not know it.";

    private static IEnumerable<string> ValuesHaveOneSource(Graph graph)
    {
        var written = new HashSet<Value>(graph.Inputs.Concat(graph.Initializers));
        return
            from node in graph.Nodes
            from output in Written(node)
            where !written.Add(output)
            select $"'{output}' is written by {node}, but has a value already.";
    }

    private static IEnumerable<string> UseListsHoldEveryReader(Graph graph)
    {
        var known = new HashSet<(Value, Use)>();
        foreach (var (value, _) in Reads(graph).Distinct())
        {
            foreach (var use in value.Uses) known.Add((value, use));
        }
        return
            from read in Reads(graph)
            where !known.Contains(read)
            select $"{read.Use} reads '{read.Value}', which does not know it.";
    }

    private static IEnumerable<string> UseListsHoldNoOtherReader(Graph graph)
    {
        foreach (var value in graph.Values)
        {
            foreach (var use in value.Uses)
            {
                if (use.Node.Graph is null)
                    yield return $"'{value}' is still read by {use.Node}, which is in no graph.";
                else if (use.Node.Input(use.Input) != value)
                    yield return $"'{value}' counts {use} as a reader, which reads something else.";
            }
            if (value.Uses.Count != value.Uses.Distinct().Count()) yield return $"'{value}' counts a reader twice.";
        }
    }

    private static IEnumerable<string> ReadValuesAreVisible(Graph graph) =>
        from read in Reads(graph)
        where graph.Find(read.Value.Name) != read.Value
        select $"{read.Use} reads '{read.Value}', which is not in this graph or one around it.";

    /// <summary>A sparse constant has a declared type of fixed sizes and nothing else here.</summary>
    private static IEnumerable<string> ReadValuesAreWritten(Graph graph) =>
        from read in Reads(graph)
        where !IsWritten(read.Value) && read.Value.Declared?.Shape is not { IsStatic: true }
        select $"{read.Use} reads '{read.Value}', which nothing writes.";

    private static IEnumerable<string> GraphOutputsAreWritten(Graph graph) =>
        from output in graph.Outputs
        where !IsWritten(output) || !output.IsGraphOutput
        select $"graph output '{output}' is never written, or does not know that it is one.";

    private static IEnumerable<string> NoNodeWaitsForItself(Graph graph)
    {
        try
        {
            TopologicalOrder.Find(graph);
            return [];
        }
        catch (UnsupportedGraphException error)
        {
            return [error.Message];
        }
    }

    private static bool IsWritten(Value value) =>
        value.Producer is { Graph: not null } || value.IsGraphInput || value.Initializer is not null;

    private static IEnumerable<Value> Written(Node node) => node.Results;

    private static IEnumerable<(Value Value, Use Use)> Reads(Graph graph) =>
        from node in graph.Nodes
        from index in Enumerable.Range(0, node.Inputs.Count)
        let value = node.Inputs[index]
        where value is not null
        select (value, new Use(node, index));
}
