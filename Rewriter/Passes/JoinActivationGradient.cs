using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Puts one node in the place of an activation's gradient that several operators write out, so that codes of its
/// derivative can take the place of all the tensors that these read.
/// </summary>
/// <remarks>
/// 1. Nothing is done where the node's input would be one more tensor to save, and none less; nor where it is one less
/// of which few bits are enough: so it is with the gates of recurrent networks.
/// 2. The node stands where the formula's last one stood, and makes the same value.
/// 3. The formula's nodes go, and those that computed on forward values for them alone.
/// The node has no kernel: <see cref="DirectReadInserter"/> replaces it, or <see cref="WriteActivationGradient"/>.
/// </remarks>
internal sealed class JoinActivationGradient(Graph graph, ForwardBackwardSplit split)
{
    /// <summary>Joins every such gradient of a graph; says which.</summary>
    public static IReadOnlyList<JoinedActivation> Apply(
        Graph graph, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf)
    {
        var pass = new JoinActivationGradient(graph, split);
        return [.. new ActivationFinder(graph, split, typeOf).Find().Select(pass.Join).OfType<JoinedActivation>()];
    }

    private JoinedActivation? Join(WrittenActivation written)
    {
        var formula = WithHelpers(written.Nodes);
        var isInputNew = !IsRead(written.Input);
        var released = formula.SelectMany(node => node.Inputs).OfType<Value>().Distinct()
            .Where(value => split.IsForwardResult(value) && value != written.Input && !IsRead(value, except: formula))
                .ToList();
        if (isInputNew && released.Count < 2 && !released.Exists(NeedsManyBits)) return null; // Rule 1.
        var (last, result) = (written.Last, written.Last.Output(0)!);
        last.SetOutput(0, null);
        // Rule 2.
        var node = GraphEditor.InsertBefore(
            last, OperatorTable.ActivationGrad, $"{result.Name}/{OperatorTable.ActivationGrad.Type}",
            [written.Gradient, written.Input], [result]);
        node.DocString = last.DocString;
        written.Derivative.Write(node);
        foreach (var old in formula.Where(old => old.Graph == graph).ToList()) RemoveUnread(old); // Rule 3.
        return new JoinedActivation(written.Derivative, written.Input, isInputNew, released);
    }

    private HashSet<Node> WithHelpers(IEnumerable<Node> nodes)
    {
        var (all, pending) = (new HashSet<Node>(nodes), new Queue<Node>(nodes));
        while (pending.TryDequeue(out var node))
        {
            foreach (var helper in node.Inputs.OfType<Value>().Where(input => !split.IsGradient(input))
                .Select(input => input.Producer).OfType<Node>())
            {
                if (split.IsBackward(helper) && IsReadBy(helper, all) && all.Add(helper)) pending.Enqueue(helper);
            }
        }
        return all;
    }

    private static bool IsReadBy(Node node, HashSet<Node> readers) => node.Results
        .All(output => !output.IsGraphOutput && output.Uses.All(use => readers.Contains(use.Node)));

    private bool NeedsManyBits(Value value) => value.Uses.Any(use =>
        split.IsBackward(use.Node)
            && OperatorTable.Find(use.Node.Operator)?.NeedOf(use.Input) is Need.Nonlinear or Need.Exact);

    /// <summary>Whether the backward pass reads more of a value than its dimensions.</summary>
    private bool IsRead(Value value, HashSet<Node>? except = null) => value.Uses.Any(use =>
        split.IsBackward(use.Node) && except?.Contains(use.Node) != true
            && OperatorTable.Find(use.Node.Operator)?.NeedOf(use.Input) != Need.Shape);

    /// <summary>Readers before what they read.</summary>
    private static void RemoveUnread(Node node)
    {
        if (node.Graph is null) return;
        foreach (var reader in node.Results.SelectMany(output => output.Uses).Select(use => use.Node)
            .Distinct().ToList())
            RemoveUnread(reader);
        GraphEditor.Remove(node);
    }
}
