using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Writes what a pack does as node attributes.</summary>
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
        WriteRounding(pack, format.Rounding, seed, tensorId);
        if (format.Grid != CodeGrid.Uniform)
            pack.Attributes.Set(PackAttributes.Grid, PackAttributes.TextOf(format.Grid));
        if (format.Shares.IsUniform) return;
        pack.Attributes.Set(PackAttributes.WidthShares, new AttributeValue.Ints(format.Shares.ToList()));
        if (format.Order == WidthOrder.Range) return;
        pack.Attributes.Set(PackAttributes.WidthOrder, PackAttributes.TextOf(format.Order));
    }

    public static void Write(Node pack, DerivativeFormat format, long seed, long tensorId)
    {
        new DerivativeOf(format.Function, format.Alpha).Write(pack);
        pack.Attributes.Set(PackAttributes.Levels, CodeWidths.Levels(format.Width));
        WriteRounding(pack, format.Rounding, seed, tensorId);
    }

    public static void Write(Node pack, MaskBits bits)
    {
        pack.Attributes.Set(MaskAttributes.Test, MaskAttributes.TextOf(bits.Test));
        if (bits.Test != MaskTest.Inside) return;
        if (!float.IsNegativeInfinity(bits.Min))
            pack.Attributes.Set(MaskAttributes.Min, new AttributeValue.Float(bits.Min));
        if (!float.IsPositiveInfinity(bits.Max))
            pack.Attributes.Set(MaskAttributes.Max, new AttributeValue.Float(bits.Max));
    }

    public static void Write(Node pack, PoolingWindow window)
    {
        Set(PoolingAttributes.KernelShape, window.KernelShape);
        Set(PoolingAttributes.Strides, window.Strides);
        Set(PoolingAttributes.Dilations, window.Dilations);
        Set(PoolingAttributes.Pads, [.. window.PadsBegin, .. window.PadsEnd]);

        void Set(string name, IReadOnlyList<int> numbers) =>
            pack.Attributes.Set(name, new AttributeValue.Ints([.. numbers.Select(number => (long)number)]));
    }

    private static void WriteRounding(Node pack, RoundingMode rounding, long seed, long tensorId)
    {
        pack.Attributes.Set(PackAttributes.Rounding, PackAttributes.TextOf(rounding));
        pack.Attributes.Set(PackAttributes.Seed, seed);
        pack.Attributes.Set(PackAttributes.TensorId, tensorId);
    }
}
