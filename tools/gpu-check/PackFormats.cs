using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck;

/// <summary>The formats that are checked, and those that are timed.</summary>
internal static class PackFormats
{
    private static readonly bool[] s_flags = [false, true];

    /// <summary>Every width, grid, metadata, rounding and layout.</summary>
    public static IEnumerable<PackFormat> All { get; } =
    [
        .. from width in CodeWidths.All
           from zeroExact in s_flags
           where !zeroExact || width != CodeWidth.OneBit
           from metadata in Enum.GetValues<MetadataFormat>()
           from rounding in Enum.GetValues<RoundingMode>()
           from layout in Enum.GetValues<GroupLayout>()
           from grid in Enum.GetValues<CodeGrid>()
           let format = new PackFormat(width, zeroExact) { Metadata = metadata, Rounding = rounding, Layout = layout, Grid = grid }
           where format.Contradiction is null
           select format,
    ];

    /// <summary>What makes a difference to the time.</summary>
    public static IEnumerable<PackFormat> Timed { get; } =
    [
        .. All.Where(format => format.Layout == GroupLayout.Row
            && (format.Rounding == RoundingMode.Dither || format.Width == CodeWidth.TwoBits)
            && (format.Metadata == MetadataFormat.BFloat16 || !format.ZeroExact)),
    ];
}
