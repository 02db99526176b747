using OnnxActNN.Format;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>
/// Gives a pack the finest codes there are, whatever they take: next to none of its noise is left. What reads them goes
/// by their header, and needs no change.
/// </summary>
/// <remarks>
/// 1. A code has 256 levels, and so have all groups.
/// 2. Each element of a tensor is a group of its own, whose range is what bfloat16 rounds off; derivatives have no
/// groups.
/// </remarks>
internal static class FinestCodes
{
    public static void Apply(Node pack)
    {
        // Rule 1.
        pack.Attributes.Set(PackAttributes.Levels, CodeWidths.Levels(CodeWidth.EightBits));
        pack.Attributes.Remove(PackAttributes.WidthShares);
        pack.Attributes.Remove(PackAttributes.WidthOrder);
        if (pack.Operator != PackOperators.QuantizePack) return;
        // Rule 2.
        pack.Attributes.Set(PackAttributes.GroupSize, 1);
        pack.Attributes.Set(PackAttributes.Metadata, PackAttributes.MetadataBFloat16);
    }
}
