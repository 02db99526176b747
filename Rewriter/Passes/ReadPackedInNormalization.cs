using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets the gradient of batch normalization read codes, so that its input is never restored.</summary>
/// <remarks>
/// 1. A BatchNormalizationGrad whose X is an UnpackDequant's result becomes a BatchNormalizationGradFromPacked of the codes; its
/// results keep their names.
/// 2. An unpack that nobody reads any more goes.
/// Only float32: the operator has no other form.
/// </remarks>
internal static class ReadPackedInNormalization
{
    private static readonly OperatorId Gradient = new(OperatorId.Microsoft, "BatchNormalizationGrad");

    /// <summary>Tells how many gradients read codes.</summary>
    public static int Apply(IEnumerable<PackedPair> pairs)
    {
        var count = 0;
        foreach (var pair in pairs)
        {
            foreach (var unpack in pair.Unpacks.Where(node => node.Operator == PackOperators.UnpackDequant).ToList())
            {
                var restored = unpack.Output(0)!;
                if (restored.Declared?.ElementType != DataType.Float) continue;
                foreach (var use in restored.Uses.Where(use => use.Input == 1 && use.Node.Operator == Gradient).ToList())
                {
                    ReadCodes(use.Node, unpack); // Rule 1.
                    pair.Gradients.Add(use.Node);
                    count++;
                }
                if (restored.Uses.Count > 0) continue;
                pair.Unpacks.Remove(unpack); // Rule 2.
                GraphEditor.Remove(unpack);
            }
        }
        return count;
    }

    private static void ReadCodes(Node gradient, Node unpack)
    {
        var (scale, mean, inverseDeviation) = (gradient.Input(2), gradient.Input(3), gradient.Input(4));
        gradient.Operator = PackOperators.BatchNormalizationGradFromPacked;
        gradient.Attributes.Remove("epsilon");
        Value?[] inputs = [gradient.Input(0), unpack.Input(0), unpack.Input(1), scale, mean, inverseDeviation];
        for (var input = 0; input < inputs.Length; input++) gradient.SetInput(input, inputs[input]);
    }
}
