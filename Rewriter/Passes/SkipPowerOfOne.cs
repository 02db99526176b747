using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Lets the readers of Pow(X, 1) in the backward pass read X. ONNX Runtime writes the gradient of Pow(X, n) with
/// Pow(X, n − 1): for squares, as in mean squared errors and written-out variances, that is X itself, and what looked
/// like a bend is linear.
/// </summary>
/// <remarks>
/// 1. The exponent is a constant 1, or the difference of two constants that is.
/// 2. The same bits come out, and a node less runs; two, where nobody else reads the exponent.
/// </remarks>
internal static class SkipPowerOfOne
{
    private static readonly OperatorId Pow = OperatorId.Onnx("Pow");
    private static readonly OperatorId Sub = OperatorId.Onnx("Sub");

    /// <summary>Tells how many nodes went.</summary>
    public static int Apply(Graph graph, ForwardBackwardSplit split, Func<Value, TensorType?> typeOf)
    {
        var powers = graph.Nodes.Where(node => node.Operator == Pow && split.IsBackward(node) && IsOfOne(node, typeOf))
            .ToList();
        foreach (var node in powers)
        {
            var exponent = node.Input(1)!;
            GraphEditor.ReplaceUses(node.Output(0)!, node.Input(0)!, _ => true);
            GraphEditor.Remove(node);
            if (exponent.Producer is { } difference) GraphEditor.TryRemove(difference);
        }
        return powers.Count;
    }

    private static bool IsOfOne(Node node, Func<Value, TensorType?> typeOf) =>
        node is { Inputs: [{ } power, { } exponent], Outputs: [{ IsGraphOutput: false }] }
        && ScalarOf(exponent, typeOf(power)?.Shape?.Rank) == 1;

    /// <summary>Rule 1. An exponent of more dimensions than X has would broadcast it.</summary>
    private static double? ScalarOf(Value value, int? largestRank)
    {
        if (SignTest.NumbersOf(value) is [var number] && value.Initializer?.Sizes.Count <= largestRank) return number;
        return value.Producer is { Inputs: [{ } left, { } right] } node && node.Operator == Sub
            ? ScalarOf(left, largestRank) - ScalarOf(right, largestRank)
            : null;
    }
}
