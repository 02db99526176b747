using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu;

/// <summary>
/// The driver of the unpack: checks the header against shape, type and size, then decodes group by group.
/// </summary>
internal static unsafe class UnpackDequant
{
    /// <summary>Unpacks a tensor on the best tier of this machine.</summary>
    /// <param name="type">Type of the elements of <paramref name="y"/>; the packed tensor's.</param>
    /// <param name="packed">A packed tensor. Any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="dims">Dimensions of the tensor.</param>
    /// <param name="y">Room for all elements, aligned to their size; all are written.</param>
    /// <param name="output">What to write.</param>
    /// <param name="loop">Runs the blocks.</param>
    /// <exception cref="PackedFormatException">
    /// Header, type, shape and size do not agree; nothing was written.
    /// </exception>
    internal static void Run(
        ElementType type, byte* packed, long packedBytes, ReadOnlySpan<long> dims, void* y, UnpackOutput output,
        IParallelLoop loop) =>
        Run(KernelTiers.Current, type, packed, packedBytes, dims, y, output, loop);

    internal static void Run(
        KernelTier tier, ElementType type, byte* packed, long packedBytes, ReadOnlySpan<long> dims, void* y,
        UnpackOutput output, IParallelLoop loop) =>
        Run(tier, type, packed, packedBytes, dims, BatchSlice.Whole, y, output, loop);

    /// <summary>Unpacks a slice of a tensor.</summary>
    /// <param name="tier">Kernels that decode.</param>
    /// <param name="type">Type of the elements of <paramref name="y"/>; the packed tensor's.</param>
    /// <param name="packed">A packed tensor. Any bytes are safe.</param>
    /// <param name="packedBytes">Bytes at <paramref name="packed"/>.</param>
    /// <param name="dims">Dimensions of the whole tensor.</param>
    /// <param name="slice">What is unpacked of it; the bits are those that it has in the whole tensor.</param>
    /// <param name="y">Room for the slice's elements, aligned to their size; all are written.</param>
    /// <param name="output">What to write.</param>
    /// <param name="loop">Runs the blocks.</param>
    /// <exception cref="PackedFormatException">
    /// Header, type, shape and size do not agree; nothing was written.
    /// </exception>
    /// <exception cref="ArgumentException">The tensor cannot be read in slices.</exception>
    internal static void Run(
        KernelTier tier, ElementType type, byte* packed, long packedBytes, ReadOnlySpan<long> dims, BatchSlice slice,
        void* y, UnpackOutput output, IParallelLoop loop)
    {
        var header = PackedHeader.Read(
            new ReadOnlySpan<byte>(packed, (int)Math.Clamp(packedBytes, 0, PackedHeader.Size)));
        if (header.Type != type)
            throw new PackedFormatException($"The packed tensor holds {header.Type} elements, the output {type}.");
        var layout = header.LayoutFor(dims, packedBytes);
        var (start, end) = slice.ElementsOf(dims);
        var (firstGroup, endGroup) = layout.GroupsOf(start, end);
        var decoder = new BlockDecoder(
            GroupReader.Create(tier, type, packed, layout, header.Key, output), layout, firstGroup, endGroup);
        // Where the whole tensor's first element would be.
        var origin = (byte*)y - start * ElementTypes.SizeOf(type);
        loop.For(decoder.BlockCount, (first, last) =>
        {
            for (var block = first; block < last; block++) decoder.Decode(block, packed, origin);
        });
    }
}
