using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;
using OnnxActNN.Rewriter.Analysis;
using OnnxActNN.Rewriter.IR;

namespace OnnxActNN.Rewriter.Passes;

/// <summary>Reads a pack's format off its node; the mirror of <see cref="PackAttributeWriter"/>.</summary>
internal static class PackAttributeReader
{
    /// <exception cref="ArgumentException">An attribute has a value that is none of its own.</exception>
    public static PackFormat Read(Node pack)
    {
        var attributes = pack.Attributes;
        var width = CodeWidths.FromLevels(attributes.GetInt(PackAttributes.Levels, PackAttributes.DefaultLevels));
        return new PackFormat(width, attributes.GetInt(PackAttributes.ZeroExact, 0) != 0)
        {
            GroupAxis = checked((int)attributes.GetInt(PackAttributes.GroupAxis, PackAttributes.DefaultGroupAxis)),
            GroupSize = checked((int)attributes.GetInt(PackAttributes.GroupSize, PackFormat.DefaultGroupSize)),
            Layout = PackAttributes.LayoutFrom(attributes.GetText(PackAttributes.Layout, PackAttributes.LayoutRow)),
            Metadata = PackAttributes.MetadataFrom(
                attributes.GetText(PackAttributes.Metadata, PackAttributes.MetadataBFloat16)),
            Rounding = PackAttributes.RoundingFrom(
                attributes.GetText(PackAttributes.Rounding, PackAttributes.RoundingDither)),
            Grid = PackAttributes.GridFrom(attributes.GetText(PackAttributes.Grid, PackAttributes.GridUniform)),
            Shares = WidthShares.FromList(attributes.GetInts(PackAttributes.WidthShares) ?? []),
            Order = PackAttributes.OrderFrom(attributes.GetText(PackAttributes.WidthOrder, PackAttributes.OrderRange)),
        };
    }

    /// <summary>The format of a DerivativePack.</summary>
    /// <exception cref="ArgumentException">An attribute has a value that is none of its own.</exception>
    public static DerivativeFormat ReadDerivative(Node pack) => new(
        DerivativeOf.Read(pack).Function,
        CodeWidths.FromLevels(pack.Attributes.GetInt(PackAttributes.Levels, PackAttributes.DefaultLevels)),
        PackAttributes.RoundingFrom(pack.Attributes.GetText(PackAttributes.Rounding, PackAttributes.RoundingDither)))
    {
        Alpha = DerivativeOf.Read(pack).Alpha,
    };
}
