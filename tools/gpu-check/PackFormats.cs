using OnnxActNN.Format;

namespace OnnxActNN.GpuCheck;

/// <summary>The formats that are checked, and those that are timed.</summary>
internal static class PackFormats
{
    private static readonly bool[] s_flags = [false, true];

    /// <summary>Some groups of each width; 2.9 bits on average.</summary>
    private static readonly WidthShares s_shares = new(190, 90, 30);

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
           let format = new PackFormat(width, zeroExact)
           {
               Metadata = metadata,
               Rounding = rounding,
               Layout = layout,
               Grid = grid,
           }
           where format.Contradiction is null
           select format,
    ];

    /// <summary>Groups with widths of their own, from the narrowest on.</summary>
    public static IEnumerable<PackFormat> Mixed { get; } =
    [
        .. All.Where(format => format.Width == (format.ZeroExact ? CodeWidth.ThreeLevels : CodeWidth.OneBit))
            .Select(format => format with { GroupSize = 50, Shares = s_shares }),
    ];

    /// <summary>Widths of their own in each order, of planes.</summary>
    public static IEnumerable<PackFormat> Ordered { get; } =
    [
        .. from order in Enum.GetValues<WidthOrder>()
           from zeroExact in s_flags
           from layout in Enum.GetValues<GroupLayout>()
           select new PackFormat(zeroExact ? CodeWidth.ThreeLevels : CodeWidth.OneBit, zeroExact)
           {
               GroupAxis = 2,
               GroupSize = 50,
               Layout = layout,
               Shares = s_shares,
               Order = order,
           },
    ];

    public static IEnumerable<PackFormat> WithMixed => All.Concat(Mixed);

    /// <summary>What makes a difference to the time.</summary>
    public static IEnumerable<PackFormat> Timed { get; } =
    [
        new PackFormat(CodeWidth.OneBit, zeroExact: false) { Shares = s_shares },
        .. All.Where(format => format.Layout == GroupLayout.Row
            && (format.Rounding == RoundingMode.Dither || format.Width == CodeWidth.TwoBits)
            && (format.Metadata == MetadataFormat.BFloat16 || !format.ZeroExact)),
    ];
}
