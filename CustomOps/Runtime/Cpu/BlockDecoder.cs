using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>
/// Decodes blocks of <see cref="PackedLayout.GroupsPerBlock"/> groups of a packed tensor, in any order.
/// </summary>
/// <param name="reader">Decodes groups.</param>
/// <param name="layout">The tensor's.</param>
/// <param name="firstGroup">Where the first block begins.</param>
/// <param name="endGroup">The group behind the last block.</param>
internal sealed unsafe class BlockDecoder(GroupReader reader, PackedLayout layout, long firstGroup, long endGroup)
{
    /// <summary>A decoder of all groups.</summary>
    public BlockDecoder(GroupReader reader, PackedLayout layout) : this(reader, layout, 0, layout.GroupCount)
    {
    }

    /// <summary>Blocks that there are.</summary>
    public long BlockCount => PackedLayout.BlocksOf(endGroup - firstGroup);

    /// <summary>Most elements in a block.</summary>
    public long LongestBlock => Math.Min(
        PackedLayout.GroupsPerBlock * Math.Min(layout.Format.GroupSize, layout.RowLength), layout.ElementCount);

    /// <summary>A decoder of a float32 tensor's values.</summary>
    /// <exception cref="PackedFormatException">The buffer is no pack of a float32 tensor of this shape.</exception>
    public static BlockDecoder OpenFloats(KernelTier tier, ReadOnlySpan<long> dims, byte* packed, long packedBytes)
    {
        var header = PackedHeader.Read(
            new ReadOnlySpan<byte>(packed, (int)Math.Clamp(packedBytes, 0, PackedHeader.Size)));
        if (header.Type != ElementType.Float32)
            throw new PackedFormatException(
                $"The packed tensor holds {header.Type} elements, not {ElementType.Float32}.");
        var layout = header.LayoutFor(dims, packedBytes);
        return new BlockDecoder(
            GroupReader.Create(tier, header.Type, packed, layout, header.Key, UnpackOutput.Value), layout);
    }

    /// <summary>The number of a block's first element in the tensor.</summary>
    public long FirstElement(long block) => layout.Group(firstGroup + block * PackedLayout.GroupsPerBlock).Start;

    /// <summary>Writes a block's elements to their places in y; tells which they are.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (long First, long Count) Decode(long block, byte* packed, void* y)
    {
        Span<GroupSpan> groups = stackalloc GroupSpan[PackedLayout.GroupsPerBlock];
        Span<DecodeParameters> parameters = stackalloc DecodeParameters[PackedLayout.GroupsPerBlock];
        var first = firstGroup + block * PackedLayout.GroupsPerBlock;
        var count = (int)Math.Min(PackedLayout.GroupsPerBlock, endGroup - first);
        reader.Read(packed, first, groups[..count], parameters[..count], y);
        var last = groups[count - 1];
        return (groups[0].Start, last.Start + last.Length - groups[0].Start);
    }
}
