using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Analysis;

/// <summary>
/// Finds backward readers whose results come to another reader of the same tensor. Each by itself may be linear in the
/// tensor, but the second one multiplies what the first one made with the noise of the same code, and the mean of that
/// noise's square is left: a bias, as if one reader had squared it.
/// </summary>
/// <remarks>
/// Attention pooling has this: the gradient of the scores is made with the pooled tensor, and the gradient of the
/// weights that gave the scores is that times the tensor. So have gates that a tensor opens for itself.
/// 1. Readers of a view, or of the tensor transposed, count: all are restored from one code.
/// 2. A reader of a mask, an index or codes of a derivative does not: these are exact, or have noise of their own.
/// 3. Gradients with several results (ConvGrad) hand on the one that the tensor does not go into.
/// 4. What is summed over so many elements that one is a small part of it is not followed: so normalizations that are
/// written out come to their input again, and the bias is divided by the number of summands.
/// </remarks>
internal sealed class RepeatedReads(
    Graph graph, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf, BackwardNeeds needs, DirectReads direct,
    TriggerFinder order)
{
    /// <summary>Of rule 4.</summary>
    private const long ManySummands = 64;

    private static readonly OperatorId Transpose = OperatorId.Onnx("Transpose");

    /// <summary>Whether what the reader makes of the value comes to another reader of it.</summary>
    public bool AreBehind(Value value, Use reader)
    {
        if (reader.Node.Graph != graph) return false;
        if (split.MakesGradients(reader.Node) && HasSeveralResults(reader.Node)) return false;
        List<Node> own = split.MakesGradients(reader.Node)
            ? [reader.Node]
            : [.. reader.Node.Results.SelectMany(GradientsMadeWith)];
        own.RemoveAll(HasSeveralResults);
        return own.Count > 0 && Reach(own, [.. GradientsMadeWith(RootOf(value))], typeOf(value)?.Shape?.Elements);
    }

    /// <summary>Rule 3.</summary>
    private static bool HasSeveralResults(Node node)
    {
        var count = 0;
        foreach (var _ in node.Results) count++;
        return count > 1;
    }

    private bool Reach(List<Node> starts, HashSet<Node> goals, Dimension? elements) =>
        goals.Count > 1 && starts.Exists(start => Reaches(start, goals, elements));

    private bool Reaches(Node start, HashSet<Node> goals, Dimension? elements)
    {
        var farthest = goals.Max(order.PositionOf);
        var (seen, pending) = (new HashSet<Node> { start }, new Stack<Node>([start]));
        while (pending.TryPop(out var node))
        {
            foreach (var next in node.Results.Where(result => !IsSumOfMany(result, elements))
                .SelectMany(result => result.Uses).Select(use => use.Node))
            {
                if (next.Graph != graph || order.PositionOf(next) > farthest || !seen.Add(next)) continue;
                if (goals.Contains(next)) return true;
                pending.Push(next);
            }
        }
        return false;
    }

    /// <summary>Rule 4.</summary>
    private bool IsSumOfMany(Value result, Dimension? elements) =>
        typeOf(result)?.Shape is { } shape && elements?.TryDivide(shape.Elements)?.Value >= ManySummands;

    /// <summary>Nodes that make gradients with the values, in whichever form.</summary>
    private IEnumerable<Node> GradientsMadeWith(Value value)
    {
        var (forms, seen) = (new List<Value> { value }, new HashSet<Value> { value });
        for (var at = 0; at < forms.Count; at++)
        {
            foreach (var use in forms[at].Uses.Where(use => use.Node.Graph == graph))
            {
                // Rule 1.
                if (!split.IsBackward(use.Node))
                    forms.AddRange(
                        use.Node.Results.Where(result => SourceOf(result) == forms[at] && seen.Add(result)));
                else if (!ReadsValues(forms[at], use)) continue;
                else if (split.MakesGradients(use.Node)) yield return use.Node;
                else forms.AddRange(use.Node.Results.Where(seen.Add));
            }
        }
    }

    /// <summary>Rule 2.</summary>
    private bool ReadsValues(Value value, Use use) =>
        needs.Of(use) is Need.PassOn or Need.Linear or Need.Normalization or Need.Nonlinear
        && direct.Find(value, use) is null;

    private static Value RootOf(Value value)
    {
        while (SourceOf(value) is { } source) value = source;
        return value;
    }

    private static Value? SourceOf(Value value) =>
        BufferViews.SourceOf(value) ?? (value.Producer?.Operator == Transpose ? value.Producer.Input(0) : null);
}
