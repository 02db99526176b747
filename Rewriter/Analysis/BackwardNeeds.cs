using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>What each backward reader needs of what it reads.</summary>
/// <remarks>
/// A backward node that works on forward values alone (a view, a factor computed late) hands its input's error on, so
/// its need is the stricter of its own and of those that read its results. Results are settled from the end of the
/// graph on. A comparison with a constant zero asks for the sign alone, and gives the exact answer whatever reads it:
/// that is how standard operators write the gradient of Relu. Where a gradient operator was lowered, its own row
/// decides (<see cref="BackwardMark"/>), not the formula that replaced it.
/// </remarks>
internal sealed class BackwardNeeds
{
    private readonly ForwardBackwardSplit _split;
    private readonly GraphItemMap<Value, Need> _results = new();

    public BackwardNeeds(Graph graph, ForwardBackwardSplit split)
    {
        _split = split;
        foreach (var node in TopologicalOrder.Of(graph).Reverse())
        {
            if (!split.IsBackward(node) || split.MakesGradients(node)) continue;
            foreach (var result in node.Results) _results[result] = NeedOfReaders(result);
        }
    }

    /// <summary>The need of one backward reader.</summary>
    public Need Of(Use use)
    {
        if (BackwardMark.NeedOf(use.Node) is { } known) return known == Need.PassOn ? Need.Linear : known;
        if (OperatorTable.Find(use.Node.Operator) is not { } traits || use.Node.Subgraphs.Any()) return Need.Exact;
        if (SignTest.IsOn(use)) return Need.Sign;
        var own = traits.NeedOf(use.Input);
        if (own == Need.Shape) return own;
        if (_split.MakesGradients(use.Node)) return own == Need.PassOn ? Need.Linear : own;
        if (own == Need.Linear && ReadsItTwice(use)) own = Need.Nonlinear;
        return use.Node.Results.Select(result => _results.GetValueOrDefault(result, Need.Exact))
            .Append(own).Max();
    }

    private static bool ReadsItTwice(Use use) =>
        use.Node.Inputs.Count(input => input == use.Node.Input(use.Input)) > 1;

    private Need NeedOfReaders(Value result) =>
        result.IsGraphOutput ? Need.Exact : result.Uses.Select(Of).DefaultIfEmpty(Need.PassOn).Max();
}
