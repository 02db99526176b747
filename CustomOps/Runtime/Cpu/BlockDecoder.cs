using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Decodes blocks of <see cref="PackedLayout.GroupsPerBlock"/> groups of a packed tensor, in any order.</summary>
internal sealed unsafe class BlockDecoder(
    KernelTier tier, ElementType type, PackedLayout layout, PackKey key, UnpackOutput output)
{
    private readonly GroupUnpacker _unpacker = KernelTable.Unpacker(tier, type, layout.Format, output);
    private readonly MetadataCodec _codec = MetadataCodec.Create(layout, type);
    private readonly ulong _tensorKey = CounterRandom.TensorKey(key);

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
        layout.Groups(first, groups[..count]);
        _codec.Read(packed, first, parameters[..count]);
        _unpacker.Decode(packed, groups[..count], parameters, _tensorKey, y);
        var last = groups[count - 1];
        return (groups[0].Start, last.Start + last.Length - groups[0].Start);
    }
}
