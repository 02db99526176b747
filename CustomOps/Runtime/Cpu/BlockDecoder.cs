using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Decodes blocks of <see cref="PackedLayout.GroupsPerBlock"/> groups of a packed tensor, in any order.</summary>
internal sealed unsafe class BlockDecoder(GroupReader reader, PackedLayout layout)
{
    /// <summary>Blocks of the tensor.</summary>
    public long BlockCount => layout.BlockCount;

    /// <summary>Most elements in a block.</summary>
    public long LongestBlock => Math.Min(
        PackedLayout.GroupsPerBlock * Math.Min(layout.Format.GroupSize, layout.RowLength), layout.ElementCount);

    /// <summary>A decoder of a float32 tensor's values.</summary>
    /// <exception cref="PackedFormatException">The buffer is no pack of a float32 tensor of this shape.</exception>
    public static BlockDecoder OpenFloats(KernelTier tier, ReadOnlySpan<long> dims, byte* packed, long packedBytes)
    {
        var header = PackedHeader.Read(new ReadOnlySpan<byte>(packed, (int)Math.Clamp(packedBytes, 0, PackedHeader.Size)));
        if (header.Type != ElementType.Float32)
            throw new PackedFormatException($"The packed tensor holds {header.Type} elements, not {ElementType.Float32}.");
        var layout = header.LayoutFor(dims, packedBytes);
        return new BlockDecoder(GroupReader.Create(tier, header.Type, packed, layout, header.Key, UnpackOutput.Value), layout);
    }

    /// <summary>The number of a block's first element in the tensor.</summary>
    public long FirstElement(long block) => layout.Group(block * PackedLayout.GroupsPerBlock).Start;

    /// <summary>Writes a block's elements to their places in y; tells which they are.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (long First, long Count) Decode(long block, byte* packed, void* y)
    {
        Span<GroupSpan> groups = stackalloc GroupSpan[PackedLayout.GroupsPerBlock];
        Span<DecodeParameters> parameters = stackalloc DecodeParameters[PackedLayout.GroupsPerBlock];
        var first = block * PackedLayout.GroupsPerBlock;
        var count = (int)Math.Min(PackedLayout.GroupsPerBlock, layout.GroupCount - first);
        reader.Read(packed, first, groups[..count], parameters[..count], y);
        var last = groups[count - 1];
        return (groups[0].Start, last.Start + last.Length - groups[0].Start);
    }
}
