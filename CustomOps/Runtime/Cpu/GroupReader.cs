using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Mixed;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>Decodes runs of groups of one packed tensor, wherever in the tensor they begin.</summary>
internal abstract unsafe class GroupReader
{
    /// <summary>A reader of a packed tensor whose header agreed with its layout.</summary>
    /// <exception cref="PackedFormatException">
    /// The table of widths has other numbers of groups than the header says.
    /// </exception>
    public static GroupReader Create(
        KernelTier tier, ElementType type, byte* packed, PackedLayout layout, in PackKey key, UnpackOutput output) =>
        layout.Format.Shares.IsUniform
            ? new Uniform(
                layout, MetadataCodec.Create(layout, type), KernelTable.Unpacker(tier, type, layout.Format, output),
                CounterRandom.TensorKey(key))
            : new MixedReader(tier, type, packed, layout, key, output);

    /// <summary>Writes the elements of groups that follow each other to their places in y.</summary>
    /// <param name="packed">The packed tensor.</param>
    /// <param name="first">The first group.</param>
    /// <param name="groups">Takes where the groups are; as many as are wanted, within the tensor.</param>
    /// <param name="parameters">Takes what they were decoded with.</param>
    /// <param name="y">The first element's place is that of the tensor's first element.</param>
    public abstract void Read(
        byte* packed, long first, Span<GroupSpan> groups, Span<DecodeParameters> parameters, void* y);

    /// <summary>The width of a group's codes.</summary>
    public abstract CodeWidth WidthOf(byte* packed, long group);

    /// <summary>All groups have one width.</summary>
    private sealed class Uniform(PackedLayout layout, MetadataCodec codec, GroupUnpacker unpacker, ulong tensorKey)
        : GroupReader
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Read(
            byte* packed, long first, Span<GroupSpan> groups, Span<DecodeParameters> parameters, void* y)
        {
            layout.Groups(first, groups);
            codec.Read(packed, first, parameters);
            unpacker.Decode(packed, groups, parameters, tensorKey, y);
        }

        public override CodeWidth WidthOf(byte* packed, long group) => layout.Format.Width;
    }
}
