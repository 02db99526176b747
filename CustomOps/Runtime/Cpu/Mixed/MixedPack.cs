using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Mixed;

/// <summary>
/// The driver of the pack where groups have widths of their own: the ranges of all groups, then the table
/// (<see cref="GroupAllocation"/>), then the codes, class by class in blocks of
/// <see cref="PackedLayout.GroupsPerBlock"/> ranks. It reads the tensor twice, once more than a pack of one width.
/// </summary>
internal static unsafe class MixedPack
{
    public static void Run(
        KernelTier tier, ElementType type, void* x, byte* packed, PackedLayout layout, in PackKey key,
        IParallelLoop loop)
    {
        var writers = new SectionWriter[WidthShares.Classes];
        for (var index = 0; index < writers.Length; index++)
            writers[index] = new SectionWriter(
                tier, type, layout, layout.Sections[index], CounterRandom.TensorKey(key));
        var ranges = (GroupRange*)NativeMemory.Alloc((nuint)layout.GroupCount, (nuint)sizeof(GroupRange));
        var order = (long*)NativeMemory.Alloc((nuint)layout.GroupCount, sizeof(long));
        var keys = (ushort*)NativeMemory.Alloc((nuint)layout.GroupCount, sizeof(ushort));
        try
        {
            FindRanges(
                KernelTable.Packer(tier, type, layout.Format.Uniform(layout.Format.Width)), x, layout, ranges, loop);
            GroupKeys.Find(ranges, layout, keys);
            GroupAllocation.Assign(keys, layout, packed, order);
            Encode(writers, x, packed, ranges, order, loop);
        }
        finally
        {
            NativeMemory.Free(ranges);
            NativeMemory.Free(order);
            NativeMemory.Free(keys);
        }
    }

    private static void FindRanges(
        GroupPacker packer, void* x, PackedLayout layout, GroupRange* ranges, IParallelLoop loop) =>
        loop.For(layout.BlockCount, (start, end) =>
        {
            Span<GroupSpan> groups = stackalloc GroupSpan[PackedLayout.GroupsPerBlock];
            for (var block = start; block < end; block++)
            {
                var first = block * PackedLayout.GroupsPerBlock;
                var count = (int)Math.Min(PackedLayout.GroupsPerBlock, layout.GroupCount - first);
                layout.Groups(first, groups[..count]);
                packer.Ranges(x, groups[..count], new Span<GroupRange>(ranges + first, count));
            }
        });

    private static void Encode(
        SectionWriter[] writers, void* x, byte* packed, GroupRange* ranges, long* order, IParallelLoop loop) =>
        loop.For(writers.Sum(writer => writer.Section.Blocks), (start, end) =>
        {
            long firstBlock = 0, firstRank = 0;
            foreach (var writer in writers)
            {
                var last = Math.Min(end - firstBlock, writer.Section.Blocks);
                for (var block = Math.Max(0, start - firstBlock); block < last; block++)
                    writer.Write(block, order + firstRank, x, packed, ranges);
                firstBlock += writer.Section.Blocks;
                firstRank += writer.Section.Groups;
            }
        });

    /// <summary>Writes the groups of one class.</summary>
    private sealed class SectionWriter(
        KernelTier tier, ElementType type, PackedLayout layout, GroupSection section, ulong tensorKey)
    {
        private readonly MetadataCodec _codec = MetadataCodec.Create(layout, section, type);
        private readonly GroupPacker _packer = KernelTable.Packer(tier, type, layout.Format.Uniform(section.Width));

        public GroupSection Section => section;

        /// <param name="block">Which of the section's blocks.</param>
        /// <param name="order">The section's groups.</param>
        /// <param name="x">The tensor.</param>
        /// <param name="packed">The packed tensor.</param>
        /// <param name="ranges">The ranges of all groups.</param>
        [SkipLocalsInit]
        public void Write(long block, long* order, void* x, byte* packed, GroupRange* ranges)
        {
            Span<GroupRange> own = stackalloc GroupRange[PackedLayout.GroupsPerBlock];
            Span<EncodeParameters> parameters = stackalloc EncodeParameters[PackedLayout.GroupsPerBlock];
            var end = Math.Min((block + 1) * PackedLayout.GroupsPerBlock, section.Groups);
            for (var first = block * PackedLayout.GroupsPerBlock; first < end; first += _codec.GroupsTogether)
            {
                var count = (int)Math.Min(_codec.GroupsTogether, end - first);
                for (var i = 0; i < count; i++) own[i] = ranges[order[first + i]];
                _codec.Write(packed, first, own[..count], parameters);
                for (var i = 0; i < count; i++) Encode(first + i, order[first + i], parameters.Slice(i, 1), x, packed);
            }
        }

        /// <summary>
        /// One group at a time: a kernel that takes several at once may write over a group's end into the next one's
        /// codes.
        /// </summary>
        private void Encode(long rank, long index, ReadOnlySpan<EncodeParameters> parameters, void* x, byte* packed)
        {
            var group = layout.Group(index) with { CodeOffset = section.CodesOffset + rank * section.Stride };
            _packer.Encode(x, new ReadOnlySpan<GroupSpan>(ref group), parameters, tensorKey, packed);
            var bytes = CodeWidths.CodeBytes(section.Width, group.Length);
            new Span<byte>(packed + group.CodeOffset + bytes, (int)(section.Stride - bytes)).Clear();
        }
    }
}
