using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Tools.Comparing;

/// <summary>What tells two models apart: nodes by operator, and the contract with their callers.</summary>
internal sealed class GraphDifference
{
    private GraphDifference(IReadOnlyList<OperatorCount> operators, IReadOnlyList<string> contract) =>
        (Operators, Contract) = (operators, contract);

    /// <summary>Operators of either graph with their number in each, those that differ first.</summary>
    public IReadOnlyList<OperatorCount> Operators { get; }

    /// <summary>One sentence per broken promise: an input, output or initializer that is not what it was.
    /// Empty: none is.</summary>
    public IReadOnlyList<string> Contract { get; }

    public static GraphDifference Of(Model first, Model second)
    {
        var (left, right) = (Count(first.Graph), Count(second.Graph));
        var rows = left.Keys.Union(right.Keys)
            .Select(op => new OperatorCount(op, left.GetValueOrDefault(op), right.GetValueOrDefault(op)))
            .OrderBy(row => row.First == row.Second).ThenBy(row => row.Operator, StringComparer.Ordinal);
        var contract = Lists("input", first.Graph.Inputs, second.Graph.Inputs)
            .Concat(Lists("output", first.Graph.Outputs, second.Graph.Outputs))
            .Concat(Initializers(first.Graph, second.Graph));
        return new GraphDifference([.. rows], [.. contract]);
    }

    private static Dictionary<string, int> Count(Graph graph) =>
        graph.Nodes.GroupBy(node => node.Operator.ToString()).ToDictionary(group => group.Key, group => group.Count());

    private static IEnumerable<string> Lists(string kind, IReadOnlyList<Value> first, IReadOnlyList<Value> second)
    {
        var then = second.ToDictionary(value => value.Name);
        var before = first.Select(value => value.Name).ToHashSet();
        foreach (var value in first)
        {
            if (!then.TryGetValue(value.Name, out var other)) yield return $"{kind} '{value}' is gone";
            else if (!Equals(value.Declared, other.Declared))
                yield return $"{kind} '{value}' was {TypeOf(value)} and is {TypeOf(other)}";
        }
        foreach (var value in second.Where(value => !before.Contains(value.Name)))
            yield return $"{kind} '{value}' is new";
        var (common, order) =
            (first.Where(value => then.ContainsKey(value.Name)), second.Where(value => before.Contains(value.Name)));
        if (!common.Select(value => value.Name).SequenceEqual(order.Select(value => value.Name)))
            yield return $"the {kind}s have another order";
    }

    /// <summary>Initializers that are gone or have another type; new ones (constants of a rewrite) break no
    /// promise.</summary>
    private static IEnumerable<string> Initializers(Graph first, Graph second)
    {
        foreach (var value in first.Initializers)
        {
            if (second.FindOwn(value.Name)?.Initializer is not { } data) yield return $"initializer '{value}' is gone";
            else if (!data.Type.Equals(value.Initializer!.Type))
                yield return $"initializer '{value}' was {value.Initializer.Type} and is {data.Type}";
        }
    }

    private static string TypeOf(Value value) => value.Declared?.ToString() ?? "of no declared type";
}
