using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Interop;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>Inputs of the operators that read a packed tensor as batch normalization does.</summary>
internal static unsafe class NormalizationInputs
{
    /// <summary>The packed tensor of these inputs, and its dimensions.</summary>
    public static PackedPlanes ReadPacked(OrtTensor packed, ReadOnlySpan<long> dimensions) =>
        PackedPlanes.Open(KernelTiers.Current, packed.Data, packed.Count, dimensions);

    /// <summary>Numbers per channel, copied.</summary>
    public static float[] ReadNumbers(OrtTensor tensor) => new ReadOnlySpan<float>(tensor.Data, checked((int)tensor.Count)).ToArray();

    /// <exception cref="ArgumentException">There is a mask, with too few bits.</exception>
    public static MaskBits ReadMask(OrtTensor mask, long elements)
    {
        if (mask.Data != null && mask.Count < (elements + 7) / 8)
            throw new ArgumentException($"input 'mask' has {mask.Count} bytes; {elements} elements need one bit each.");
        return new MaskBits(mask.Data);
    }

    /// <exception cref="ArgumentException">The tensor does not have that many elements.</exception>
    public static void RequireElements(string input, OrtTensor tensor, long elements)
    {
        if (tensor.Count != elements)
            throw new ArgumentException($"input '{input}' has {tensor.Count} elements, the packed tensor {elements}.");
    }
}
