using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>The pack on a CUDA device: the same bytes as <see cref="Cpu.QuantizePack"/>.</summary>
internal static unsafe class CudaQuantizePack
{
    /// <summary>One warp for each group of a block.</summary>
    private const uint Threads = 32 * PackedLayout.GroupsPerBlock;

    /// <summary>Puts the pack of a tensor on a stream.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="x">The elements on the device, aligned to their size.</param>
    /// <param name="packed"><see cref="PackedLayout.TotalBytes"/> bytes on the device, aligned to 4 bytes.</param>
    /// <param name="layout">Shape and attributes.</param>
    /// <param name="key">What the random numbers are drawn from.</param>
    /// <exception cref="OperatorException">
    /// The driver refuses the launch, or the stream is being captured: a graph that is replayed would draw the same
    /// random numbers in every run.
    /// </exception>
    public static void Run(
        CudaStream stream, ElementType type, void* x, byte* packed, PackedLayout layout, in PackKey key)
    {
        stream.RequireRandomNumbers();
        // An empty tensor has a header all the same.
        if (layout.Format.Shares.IsUniform || layout.GroupCount == 0)
            Encode(stream, type, x, order: 0, packed, layout, layout.Sections[0], key);
        else
            CudaMixedPack.Run(stream, type, x, packed, layout, key);
    }

    /// <summary>Puts the pack of groups of one width, and the header, on a stream.</summary>
    /// <param name="stream">ONNX Runtime's stream.</param>
    /// <param name="type">Type of the elements.</param>
    /// <param name="x">The elements.</param>
    /// <param name="order">Where groups have widths of their own, the group of each rank on the device.</param>
    /// <param name="packed">The packed tensor.</param>
    /// <param name="layout">Shape and attributes.</param>
    /// <param name="section">The groups.</param>
    /// <param name="key">What the random numbers are drawn from.</param>
    internal static void Encode(
        CudaStream stream, ElementType type, void* x, nint order, byte* packed, PackedLayout layout,
        in GroupSection section, in PackKey key)
    {
        var name = CudaElements.NameOf(type);
        var entry = $"quantize_pack_{name}_{CodeWidths.Levels(section.Width)}";
        // Every parameter of a kernel is an address; that of an order that is not there is not used.
        stream.Launch(
            $"quantize_{name}", entry, Math.Max(1, section.Blocks), Threads,
            new PackArguments(type, layout, section, key), (nint)x, order != 0 ? order : (nint)x, (nint)packed);
    }
}
