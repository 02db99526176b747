using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Tests.Cpu;

/// <summary>One kernel: what a format and an element type select.</summary>
public sealed record KernelCase(
    ElementType Type, CodeWidth Width, bool ZeroExact, MetadataFormat Metadata, RoundingMode Rounding, CodeGrid Grid =
        CodeGrid.Uniform)
{
    /// <summary>Levels at equal distances; these run on CUDA too.</summary>
    public static IEnumerable<KernelCase> Uniform { get; } =
    [
        .. from type in Enum.GetValues<ElementType>()
           from width in CodeWidths.All
           from zeroExact in new[] { false, true }
           where !zeroExact || width != CodeWidth.OneBit
           from metadata in Enum.GetValues<MetadataFormat>()
           from rounding in Enum.GetValues<RoundingMode>()
           select new KernelCase(type, width, zeroExact, metadata, rounding),
    ];

    /// <summary>Levels at the squares of the codes.</summary>
    public static IEnumerable<KernelCase> Squared { get; } =
    [
        .. from type in Enum.GetValues<ElementType>()
           from width in CodeWidths.All
           from metadata in Enum.GetValues<MetadataFormat>()
           select new KernelCase(type, width, false, metadata, RoundingMode.Stochastic, CodeGrid.Squared),
    ];

    public static IEnumerable<KernelCase> All { get; } = [.. Uniform, .. Squared];

    /// <summary>Whether the tensors have no element below 0.</summary>
    public bool IsPositive => ZeroExact || Grid == CodeGrid.Squared;

    public PackFormat Format(int groupSize) =>
        new(Width, ZeroExact) { Metadata = Metadata, Rounding = Rounding, GroupSize = groupSize, Grid = Grid };
}
