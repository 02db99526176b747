using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernels that choose the groups' widths tell each other, one behind the other in a workspace.
/// </summary>
/// <param name="workspace">As many bytes as <see cref="BytesFor"/> says.</param>
/// <param name="groups">Groups of the tensor.</param>
internal readonly struct AllocationMemory(nint workspace, long groups)
{
    /// <summary>Most parts that a tensor is cut into: as many as a thread block has threads.</summary>
    public const int MostParts = 256;

    /// <summary>As many as there are keys of 11 bits.</summary>
    public const long CountBytes = sizeof(uint) << 11;

    private const long PartBytes = MostParts * 2 * (WidthShares.Classes - 1) * sizeof(uint);

    /// <summary>How many groups have each key.</summary>
    public nint Counts => workspace;

    /// <summary>What each part has of each class.</summary>
    public nint Parts => Counts + (nint)CountBytes;

    /// <summary>The groups, class after class.</summary>
    public nint Order => Parts + (nint)PartBytes;

    /// <summary>The key of each group.</summary>
    public nint Keys => Order + (nint)(Rounded(groups) * sizeof(uint));

    public static long BytesFor(long groups) =>
        CountBytes + PartBytes + Rounded(groups) * (sizeof(uint) + sizeof(ushort));

    /// <summary>A thread reads the keys of a block of groups at once, and those of the last one too.</summary>
    private static long Rounded(long groups) => PackedLayout.BlocksOf(groups) * PackedLayout.GroupsPerBlock;
}
