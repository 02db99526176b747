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
    /// Groups have widths of their own, the driver refuses the launch, or the stream is being captured: a graph that is replayed would draw
    /// the same random numbers in every run.
    /// </exception>
    public static void Run(
        CudaStream stream, ElementType type, void* x, byte* packed, PackedLayout layout, in PackKey key)
    {
        if (!layout.Format.Shares.IsUniform)
            throw new OperatorException($"{PackAttributes.WidthShares} has no CUDA kernels; run this node on the CPU, or leave the attribute out.");
        stream.RequireRandomNumbers();
        var name = CudaElements.NameOf(type);
        var entry = $"quantize_pack_{name}_{CodeWidths.Levels(layout.Format.Width)}";
        // An empty tensor has a header all the same.
        stream.Launch(
            $"quantize_{name}", entry, Math.Max(1, layout.BlockCount), Threads, new PackArguments(type, layout, key),
            (nint)x, (nint)packed);
    }
}
