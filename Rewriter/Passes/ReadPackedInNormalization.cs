using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;
using OnnxActNN.Rewriter.Operators;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Lets gradients of normalizations read codes, so that their input is never restored.</summary>
/// <remarks>
/// 1. A gradient whose X is an UnpackDequant's result, or the first channels of one, becomes the operator of its row
/// that reads the codes; its results keep their names, and those that were left out get one.
/// 2. An unpack that nobody reads any more goes.
/// Only float32: the operators have no other form.
/// </remarks>
internal sealed class ReadPackedInNormalization(Graph graph)
{
    /// <summary>Tells how many gradients read codes.</summary>
    public int Apply(IEnumerable<PackedPair> pairs)
    {
        var count = 0;
        foreach (var pair in pairs)
        {
            foreach (var unpack in pair.Unpacks.ToArray())
            {
                if (unpack.Operator != PackOperators.UnpackDequant
                    || unpack.Output(0)!.Declared?.ElementType != DataType.Float)
                    continue;
                count += ReadCodes(pair, unpack);
                if (GraphEditor.TryRemove(unpack)) pair.Unpacks.Remove(unpack); // Rule 2.
            }
        }
        return count;
    }

    private int ReadCodes(PackedPair pair, Node unpack)
    {
        var count = 0;
        foreach (var cut in pair.Cuts.ToArray())
        {
            if (cut.Input(0) != unpack.Output(0)) continue;
            count += ReadCodes(pair, cut.Output(0)!, unpack);
            if (GraphEditor.TryRemove(cut)) pair.Cuts.Remove(cut);
        }
        return count + ReadCodes(pair, unpack.Output(0)!, unpack);
    }

    /// <summary>Rule 1.</summary>
    private int ReadCodes(PackedPair pair, Value restored, Node unpack)
    {
        var readers = restored.Uses.Where(
            use => use.Input == 1 && NormalizationTraits.OfGradient(use.Node.Operator) is not null).ToList();
        foreach (var use in readers)
        {
            ReadCodes(use.Node, NormalizationTraits.OfGradient(use.Node.Operator)!, unpack);
            pair.Gradients.Add(use.Node);
        }
        return readers.Count;
    }

    private void ReadCodes(Node gradient, NormalizationTraits row, Node unpack)
    {
        Value? mean = row.MeanOutput is null ? null : gradient.Input(3);
        Value?[] inputs =
            [gradient.Input(0), unpack.Input(0), unpack.Input(1), gradient.Input(2), mean,
            gradient.Input(mean is null ? 3 : 4)];
        gradient.Operator = row.GradientFromPacked;
        gradient.Attributes.KeepOnly();
        for (var input = 0; input < inputs.Length; input++) gradient.SetInput(input, inputs[input]);
        for (var output = 0; output < 3; output++)
        {
            if (gradient.Output(output) is null)
                gradient.SetOutput(output, graph.AddFreshValue($"{gradient.DisplayName}/output_{output}"));
        }
    }
}
