using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>Inputs of the operators that read a packed tensor as batch normalization does.</summary>
internal static unsafe class NormalizationInputs
{
    /// <summary>The packed tensor of these inputs, and its dimensions.</summary>
    public static PackedPlanes ReadPacked(OrtTensor packed, ReadOnlySpan<long> dimensions) =>
        PackedPlanes.Open(KernelTiers.Current, packed.Data, packed.Count, dimensions);

    /// <summary>Numbers per channel, copied.</summary>
    public static float[] ReadNumbers(OrtTensor tensor) => new ReadOnlySpan<float>(tensor.Data, checked((int)tensor.Count)).ToArray();

    /// <summary>The bits behind a packed mask's header; none where the input is left out.</summary>
    /// <exception cref="PackedFormatException">It is no mask of so many elements.</exception>
    public static MaskBits ReadMask(OrtTensor mask, long elements)
    {
        if (mask.Data == null) return default;
        MaskGradient.Check(mask.Data, mask.Count, elements);
        return new MaskBits(mask.Data + MaskFormat.HeaderSize);
    }

    /// <summary>Size of axis 1.</summary>
    /// <exception cref="ArgumentException">There is no such axis.</exception>
    public static long ChannelsOf(ReadOnlySpan<long> dimensions) => dimensions.Length > 1
        ? dimensions[1]
        : throw new ArgumentException($"A tensor of rank {dimensions.Length} has no channels.");

    /// <summary>Where numbers per channel stand on the device.</summary>
    /// <exception cref="ArgumentException">They are not as many as channels.</exception>
    public static nint AddressOf(OrtTensor numbers, long channels) => numbers.Count == channels
        ? (nint)numbers.Data
        : throw new ArgumentException($"A statistic has {numbers.Count} numbers for {channels} channels.");

    /// <inheritdoc cref="AddressOf"/>
    public static ChannelAddresses ReadAddresses(long channels, OrtTensor scale, OrtTensor mean, OrtTensor inverseDeviation) =>
        new(AddressOf(scale, channels), AddressOf(mean, channels), AddressOf(inverseDeviation, channels));

    /// <summary>A tensor of bytes on the device; absent where the input is left out.</summary>
    public static DeviceBytes BytesOf(OrtTensor tensor) => tensor.Data == null ? default : new((nint)tensor.Data, tensor.Count);

    /// <exception cref="ArgumentException">The tensor does not have that many elements.</exception>
    public static void RequireElements(string input, OrtTensor tensor, long elements)
    {
        if (tensor.Count != elements)
            throw new ArgumentException($"input '{input}' has {tensor.Count} elements, the packed tensor {elements}.");
    }
}
