using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// The pack on a CUDA device where groups have widths of their own: the bytes of <see cref="Cpu.Mixed.MixedPack"/>.
/// Some kernels find what groups are ranked by, two choose the widths and write the table, then each class is packed by
/// the kernel of its width. It reads the tensor twice, once more than a pack of one width.
/// </summary>
internal static unsafe class CudaMixedPack
{
    private const string Module = "group_allocation";

    /// <summary>One warp for each group that a block looks at at once.</summary>
    private const uint KeyThreads = 512;

    /// <summary>Enough for the largest devices; each counts its keys before it adds to those of all.</summary>
    private const long MostKeyBlocks = 2048;

    private const uint AllocationThreads = 256;

    private const long TileGroups = AllocationThreads * PackedLayout.GroupsPerBlock;

    /// <summary>Puts the pack of a tensor that is not empty on a stream.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="x">The elements on the device, aligned to their size.</param>
    /// <param name="packed"><see cref="PackedLayout.TotalBytes"/> bytes on the device, aligned to 4 bytes.</param>
    /// <param name="layout">Shape and attributes.</param>
    /// <param name="key">What the random numbers are drawn from.</param>
    /// <param name="mostParts">
    /// Most thread blocks that share the choice of widths, at most <see cref="AllocationMemory.MostParts"/>.
    /// </param>
    /// <exception cref="OperatorException">There are 2³² groups or more, or the driver refuses a launch.</exception>
    public static void Run(
        CudaStream stream, ElementType type, void* x, byte* packed, PackedLayout layout, in PackKey key,
        int mostParts = AllocationMemory.MostParts)
    {
        if (layout.GroupCount > uint.MaxValue)
        {
            throw new OperatorException(
                $"{PackAttributes.WidthShares} of {layout.GroupCount} groups; on CUDA there are fewer than 2^32.");
        }
        using var workspace = stream.TakeWorkspace(AllocationMemory.BytesFor(layout));
        var memory = new AllocationMemory(workspace.Address, layout);
        Allocate(stream, type, x, packed, layout, memory, mostParts);
        long first = 0;
        foreach (ref readonly var section in layout.Sections)
        {
            var order = memory.Order + (nint)(first * sizeof(uint));
            if (section.Groups > 0) CudaQuantizePack.Encode(stream, type, x, order, packed, layout, section, key);
            first += section.Groups;
        }
    }

    private static void Allocate(
        CudaStream stream, ElementType type, void* x, byte* packed, PackedLayout layout, AllocationMemory memory,
        int mostParts)
    {
        var tiles = (layout.GroupCount - 1) / TileGroups + 1;
        var tilesPerPart = (tiles - 1) / mostParts + 1;
        var parts = (tiles - 1) / tilesPerPart + 1;
        var arguments = new AllocationArguments(layout, tilesPerPart);
        stream.Clear(memory.Counts, AllocationMemory.ClearedBytes(layout));
        stream.Launch(
            Module, $"group_ranges_{CudaElements.NameOf(type)}", Math.Min(MostKeyBlocks, layout.BlockCount), KeyThreads,
            arguments, (nint)x, memory.Largest, memory.Ranges);
        var blocks = Math.Min(MostKeyBlocks, (layout.GroupCount - 1) / KeyThreads + 1);
        if (layout.Format.Order != WidthOrder.Range)
        {
            stream.Launch(
                Module, "channel_sums", blocks, KeyThreads, arguments, memory.Sums, memory.Largest, memory.Ranges);
        }
        if (layout.Format.Order.IsOfSamples())
        {
            stream.Launch(
                Module, "sample_sums", blocks, KeyThreads, arguments,
                memory.Samples, memory.Sums, memory.Largest, memory.Ranges);
        }
        stream.Launch(
            Module, "group_keys", blocks, KeyThreads, arguments,
            memory.Ranges, memory.Largest, memory.Sums, memory.Samples, memory.Counts, memory.Keys);
        stream.Launch(
            Module, "count_groups", parts, AllocationThreads, arguments, memory.Keys, memory.Counts, memory.Parts);
        stream.Launch(
            Module, "assign_groups", parts, AllocationThreads, arguments,
            memory.Keys, memory.Counts, memory.Parts, memory.Order, (nint)packed);
    }
}
