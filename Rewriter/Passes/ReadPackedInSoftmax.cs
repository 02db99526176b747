using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets the gradient of attention's softmax read codes, so that its weights are not restored for it.</summary>
/// <remarks>
/// 1. P · (dP − sum) whose P is an UnpackDequant's result becomes a SoftmaxGradFromPacked of the codes.
/// 2. An unpack that nobody reads any more goes.
/// Only float32: the operator has no other form.
/// </remarks>
internal static class ReadPackedInSoftmax
{
    public static void Apply(Graph graph, IEnumerable<RowSum> rowSums, IReadOnlyList<PackedPair> pairs)
    {
        foreach (var rowSum in rowSums)
        {
            if (rowSum.Gradient.Input(0) is not { Producer: { } unpack, Declared.ElementType: DataType.Float })
                continue;
            if (pairs.FirstOrDefault(pair => pair.Unpacks.Contains(unpack)) is not { } pair) continue;
            if (unpack.Operator != PackOperators.UnpackDequant) continue;
            pair.Gradients.Add(ReadCodes(graph, rowSum, unpack)); // Rule 1.
            // What waited for the difference waits for dP, which is there as soon.
            GraphEditor.ReplaceUses(rowSum.Difference.Output(0)!, rowSum.Difference.Input(0)!, _ => true);
            GraphEditor.Remove(rowSum.Difference);
            if (GraphEditor.TryRemove(unpack)) pair.Unpacks.Remove(unpack); // Rule 2.
        }
    }

    private static Node ReadCodes(Graph graph, RowSum rowSum, Node unpack)
    {
        var (gradient, difference) = (rowSum.Gradient, rowSum.Difference);
        var output = gradient.Output(0)!;
        gradient.SetOutput(0, null);
        var node = GraphEditor.InsertBefore(
            gradient, PackOperators.SoftmaxGradFromPacked, $"{output.Name}/SoftmaxGradFromPacked",
            [difference.Input(0), unpack.Input(0), unpack.Input(1), difference.Input(1)], [output]);
        node.DocString = gradient.DocString;
        GraphEditor.Remove(gradient);
        return node;
    }
}
