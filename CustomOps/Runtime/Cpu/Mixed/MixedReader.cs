using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Mixed;

/// <summary>
/// Groups have widths of their own: each is decoded by the kernel of its width, alone, because kernels that take
/// several at once may write over a group's end into one that they decode after it.
/// </summary>
internal sealed unsafe class MixedReader : GroupReader
{
    private readonly PackedLayout _layout;
    private readonly MetadataCodec[] _codecs = new MetadataCodec[WidthShares.Classes];
    private readonly GroupUnpacker[] _unpackers = new GroupUnpacker[WidthShares.Classes];
    private readonly long[] _before;
    private readonly ulong _tensorKey;

    public MixedReader(
        KernelTier tier, ElementType type, byte* packed, PackedLayout layout, in PackKey key, UnpackOutput output)
    {
        (_layout, _tensorKey) = (layout, CounterRandom.TensorKey(key));
        _before = WidthTable.CountBeforeBlocks(packed, layout);
        for (var index = 0; index < WidthShares.Classes; index++)
        {
            var section = layout.Sections[index];
            _codecs[index] = MetadataCodec.Create(layout, section, type);
            _unpackers[index] = KernelTable.Unpacker(tier, type, layout.Format.Uniform(section.Width), output);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Read(
        byte* packed, long first, Span<GroupSpan> groups, Span<DecodeParameters> parameters, void* y)
    {
        _layout.Groups(first, groups);
        Span<long> ranks = stackalloc long[WidthShares.Classes];
        var block = first / PackedLayout.GroupsPerBlock;
        _before.AsSpan((int)(block * WidthShares.Classes), WidthShares.Classes).CopyTo(ranks);
        for (var group = block * PackedLayout.GroupsPerBlock; group < first; group++)
            ranks[WidthTable.ClassOf(packed, group)]++;
        for (var i = 0; i < groups.Length; i++)
        {
            var index = WidthTable.ClassOf(packed, first + i);
            var rank = ranks[index]++;
            ref readonly var section = ref _layout.Sections[index];
            groups[i] = groups[i] with { CodeOffset = section.CodesOffset + rank * section.Stride };
            _codecs[index].Read(packed, rank, parameters.Slice(i, 1));
            _unpackers[index].Decode(packed, groups.Slice(i, 1), parameters.Slice(i, 1), _tensorKey, y);
        }
    }

    public override CodeWidth WidthOf(byte* packed, long group) =>
        _layout.Sections[WidthTable.ClassOf(packed, group)].Width;
}
