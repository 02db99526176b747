using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernels that choose the groups' widths tell each other, one behind the other in a workspace. What they add
/// to comes first, and is 0 before.
/// </summary>
/// <param name="workspace">As many bytes as <see cref="BytesFor"/> says.</param>
/// <param name="layout">Shape and attributes.</param>
internal readonly struct AllocationMemory(nint workspace, PackedLayout layout)
{
    /// <summary>Most parts that a tensor is cut into: as many as a thread block has threads.</summary>
    public const int MostParts = 256;

    /// <summary>As many as there are keys of 11 bits.</summary>
    private const long CountBytes = sizeof(uint) << 11;

    private const long PartBytes = MostParts * 2 * (WidthShares.Classes - 1) * sizeof(uint);

    /// <summary>Keys are read so many bytes at once; all before them is a multiple of it.</summary>
    private const long Alignment = 16;

    /// <summary>What is 0 before.</summary>
    public static long ClearedBytes(PackedLayout layout)
    {
        var sums = (ChannelsOf(layout) + SamplesOf(layout)) * sizeof(long) + ChannelsOf(layout) * sizeof(uint);
        return CountBytes + (sums + Alignment - 1) / Alignment * Alignment;
    }

    /// <summary>How many groups have each key.</summary>
    public nint Counts => workspace;

    /// <summary>For each channel, the sum of its groups' squares.</summary>
    public nint Sums => Counts + (nint)CountBytes;

    /// <summary>For each sample, the sum of its groups' scores; one where the order is not of samples.</summary>
    public nint Samples => Sums + (nint)(ChannelsOf(layout) * sizeof(long));

    /// <summary>For each channel, the bits of its largest range.</summary>
    public nint Largest => Samples + (nint)(SamplesOf(layout) * sizeof(long));

    /// <summary>What each part has of each class.</summary>
    public nint Parts => workspace + (nint)ClearedBytes(layout);

    /// <summary>The groups, class after class.</summary>
    public nint Order => Parts + (nint)PartBytes;

    /// <summary>The range of each group.</summary>
    public nint Ranges => Order + (nint)(Rounded(layout) * sizeof(uint));

    /// <summary>The key of each group.</summary>
    public nint Keys => Ranges + (nint)(Rounded(layout) * sizeof(float));

    public static long BytesFor(PackedLayout layout) =>
        ClearedBytes(layout) + PartBytes + Rounded(layout) * (sizeof(uint) + sizeof(float) + sizeof(ushort));

    /// <summary>Channels that ranges are compared within: one where the order is not relative.</summary>
    public static long ChannelsOf(PackedLayout layout) => layout.Format.Order.IsRelative() ? layout.Channels : 1;

    private static long SamplesOf(PackedLayout layout) => layout.Format.Order.IsOfSamples() ? layout.Samples : 1;

    /// <summary>A thread reads the keys of a block of groups at once, and those of the last one too.</summary>
    private static long Rounded(PackedLayout layout) => layout.BlockCount * PackedLayout.GroupsPerBlock;
}
