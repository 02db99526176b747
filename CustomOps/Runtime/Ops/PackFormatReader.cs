using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>A node's attributes as a <see cref="PackFormat"/>.</summary>
internal static class PackFormatReader
{
    /// <exception cref="ArgumentException">
    /// An attribute has another type, a value that is none of its own, or one that contradicts another.
    /// </exception>
    public static PackFormat Read(OrtKernelInfo info)
    {
        var width = CodeWidths.FromLevels(info.GetInt(PackAttributes.Levels, PackAttributes.DefaultLevels));
        var format = new PackFormat(width, info.GetInt(PackAttributes.ZeroExact, 0) != 0)
        {
            GroupAxis = ReadInt32(info, PackAttributes.GroupAxis, (int)PackAttributes.DefaultGroupAxis),
            GroupSize = ReadInt32(info, PackAttributes.GroupSize, PackFormat.DefaultGroupSize),
            Layout = PackAttributes.LayoutFrom(info.GetText(PackAttributes.Layout, PackAttributes.LayoutRow)),
            Metadata = PackAttributes.MetadataFrom(
                info.GetText(PackAttributes.Metadata, PackAttributes.MetadataBFloat16)),
            Rounding = PackAttributes.RoundingFrom(
                info.GetText(PackAttributes.Rounding, PackAttributes.RoundingDither)),
            Grid = PackAttributes.GridFrom(info.GetText(PackAttributes.Grid, PackAttributes.GridUniform)),
            Shares = WidthShares.FromList(info.GetInts(PackAttributes.WidthShares)),
            Order = PackAttributes.OrderFrom(info.GetText(PackAttributes.WidthOrder, PackAttributes.OrderRange)),
        };
        return format.Contradiction is { } contradiction ? throw new ArgumentException(contradiction + ".") : format;
    }

    private static int ReadInt32(OrtKernelInfo info, string name, int otherwise)
    {
        var value = info.GetInt(name, otherwise);
        return value is >= int.MinValue and <= int.MaxValue
            ? (int)value
            : throw new ArgumentOutOfRangeException(name, value, "The attribute does not fit 32 bits.");
    }
}
