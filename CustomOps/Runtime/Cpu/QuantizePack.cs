using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Mixed;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>
/// The driver of the pack: header, then blocks of <see cref="PackedLayout.GroupsPerBlock"/> groups, which are
/// independent of each other; where groups have widths of their own, <see cref="MixedPack"/> goes on after the header.
/// The format is docs/operators-format.md's; the bytes are the same on every tier and thread count.
/// </summary>
internal static unsafe class QuantizePack
{
    /// <summary>Packs a tensor on the best tier of this machine.</summary>
    /// <param name="type">Type of the elements.</param>
    /// <param name="x">The elements, <see cref="PackedLayout.ElementCount"/> of them, aligned to their size.</param>
    /// <param name="packed"><see cref="PackedLayout.TotalBytes"/> bytes; all are written.</param>
    /// <param name="layout">Shape and attributes.</param>
    /// <param name="key">What the random numbers are drawn from.</param>
    /// <param name="loop">Runs the blocks.</param>
    internal static void Run(
        ElementType type, void* x, byte* packed, PackedLayout layout, in PackKey key, IParallelLoop loop) =>
        Run(KernelTiers.Current, type, x, packed, layout, key, loop);

    internal static void Run(
        KernelTier tier, ElementType type, void* x, byte* packed, PackedLayout layout, in PackKey key,
        IParallelLoop loop)
    {
        PackedHeader.Create(type, layout, key).Write(new Span<byte>(packed, PackedHeader.Size));
        if (!layout.Format.Shares.IsUniform)
        {
            MixedPack.Run(tier, type, x, packed, layout, key, loop);
            return;
        }
        var packer = KernelTable.Packer(tier, type, layout.Format);
        var codec = MetadataCodec.Create(layout, type);
        var tensorKey = CounterRandom.TensorKey(key);
        loop.For(layout.BlockCount, (start, end) =>
        {
            for (var block = start; block < end; block++)
                PackBlock(packer, codec, layout, block, tensorKey, x, packed);
        });
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackBlock(
        GroupPacker packer, MetadataCodec codec, PackedLayout layout, long block, ulong tensorKey, void* x,
        byte* packed)
    {
        Span<GroupSpan> groups = stackalloc GroupSpan[PackedLayout.GroupsPerBlock];
        Span<GroupRange> ranges = stackalloc GroupRange[PackedLayout.GroupsPerBlock];
        Span<EncodeParameters> parameters = stackalloc EncodeParameters[PackedLayout.GroupsPerBlock];
        var end = Math.Min((block + 1) * PackedLayout.GroupsPerBlock, layout.GroupCount);
        for (var first = block * PackedLayout.GroupsPerBlock; first < end; first += codec.GroupsTogether)
        {
            var count = (int)Math.Min(codec.GroupsTogether, end - first);
            layout.Groups(first, groups[..count]);
            packer.Ranges(x, groups[..count], ranges);
            codec.Write(packed, first, ranges[..count], parameters);
            packer.Encode(x, groups[..count], parameters, tensorKey, packed);
        }
    }
}
