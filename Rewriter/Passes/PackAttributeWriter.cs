using OnnxActNN.Format;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Writes a pack's format and key as node attributes.</summary>
internal static class PackAttributeWriter
{
    public static void Write(Node pack, PackFormat format, long seed, long tensorId)
    {
        pack.Attributes.Set(PackAttributes.Levels, CodeWidths.Levels(format.Width));
        pack.Attributes.Set(PackAttributes.GroupAxis, format.GroupAxis);
        pack.Attributes.Set(PackAttributes.GroupSize, format.GroupSize);
        pack.Attributes.Set(PackAttributes.Layout, PackAttributes.TextOf(format.Layout));
        pack.Attributes.Set(PackAttributes.ZeroExact, format.ZeroExact ? 1 : 0);
        pack.Attributes.Set(PackAttributes.Metadata, PackAttributes.TextOf(format.Metadata));
        pack.Attributes.Set(PackAttributes.Rounding, PackAttributes.TextOf(format.Rounding));
        pack.Attributes.Set(PackAttributes.Seed, seed);
        pack.Attributes.Set(PackAttributes.TensorId, tensorId);
    }
}
