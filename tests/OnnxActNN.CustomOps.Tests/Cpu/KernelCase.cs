using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>One kernel: what a format and an element type select.</summary>
public sealed record KernelCase(
    ElementType Type, CodeWidth Width, bool ZeroExact, MetadataFormat Metadata, RoundingMode Rounding)
{
    public static IEnumerable<KernelCase> All { get; } =
    [
        .. from type in Enum.GetValues<ElementType>()
           from width in CodeWidths.All
           from zeroExact in new[] { false, true }
           where !zeroExact || width != CodeWidth.OneBit
           from metadata in Enum.GetValues<MetadataFormat>()
           from rounding in Enum.GetValues<RoundingMode>()
           select new KernelCase(type, width, zeroExact, metadata, rounding),
    ];

    public PackFormat Format(int groupSize) =>
        new(Width, ZeroExact) { Metadata = Metadata, Rounding = Rounding, GroupSize = groupSize };
}
