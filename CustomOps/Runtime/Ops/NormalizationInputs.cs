using OnnxActNN.CustomOps.Cpu;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.CustomOps.Cuda;
using OnnxActNN.CustomOps.Interop;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Ops;

/// <summary>Inputs of the operators that read a packed tensor as a normalization does.</summary>
internal static unsafe class NormalizationInputs
{
    /// <summary>
    /// The first channels of a packed tensor of these dimensions, which become those of the channels.
    /// </summary>
    public static PackedPlanes ReadChannels(OrtTensor packed, long[] dimensions, long channels)
    {
        var planes = PackedPlanes.OfChannels(KernelTiers.Current, packed.Data, packed.Count, dimensions, channels);
        dimensions[1] = channels;
        return planes;
    }

    /// <summary>A packed tensor as rows, and what layer normalization found in them.</summary>
    /// <exception cref="ArgumentException">
    /// The numbers are not as many as rows or columns; so also where 'inv_std' is left out.
    /// </exception>
    public static (PackedPlanes X, RowStatistics Statistics) ReadRows(
        OrtTensor packed, ReadOnlySpan<long> dimensions, OrtTensor scale, OrtTensor mean, OrtTensor inverseDeviation)
    {
        var rows = PackedPlanes.OfRows(
            KernelTiers.Current, packed.Data, packed.Count, dimensions, inverseDeviation.Count);
        if (!mean.IsAbsent && mean.Count != inverseDeviation.Count)
            throw new ArgumentException($"input 'mean' has {mean.Count} elements, 'inv_std' {inverseDeviation.Count}.");
        if (rows.Planes > 0) RequireElements("scale", scale, rows.PlaneLength);
        return (rows, new RowStatistics((float*)scale.Data, (float*)inverseDeviation.Data, (float*)mean.Data));
    }

    /// <summary>Numbers per channel, copied.</summary>
    public static float[] ReadNumbers(OrtTensor tensor, ScratchNumbers scratch) =>
        scratch.Copy(new ReadOnlySpan<float>(tensor.Data, checked((int)tensor.Count)));

    /// <summary>The bits behind a packed mask's header; none where the input is left out.</summary>
    /// <exception cref="PackedFormatException">It is no mask of so many elements.</exception>
    public static MaskBits ReadMask(OrtTensor mask, long elements)
    {
        if (mask.IsAbsent) return default;
        MaskGradient.Check(mask.Data, mask.Count, elements);
        return new MaskBits(mask.Data + MaskFormat.HeaderSize);
    }

    /// <summary>Dimensions of the first channels of a tensor.</summary>
    /// <exception cref="ArgumentException">There is no channel axis, or it has fewer.</exception>
    public static long[] FirstChannelsOf(ReadOnlySpan<long> dimensions, long channels)
    {
        if (dimensions.Length < 2)
            throw new ArgumentException($"A tensor of rank {dimensions.Length} has no channels.");
        if (channels > dimensions[1])
            throw new ArgumentException($"{channels} channels are to be read of {dimensions[1]}.");
        return [dimensions[0], channels, .. dimensions[2..]];
    }

    /// <summary>Where numbers per channel stand on the device.</summary>
    /// <exception cref="ArgumentException">They are not as many as channels.</exception>
    public static nint AddressOf(OrtTensor numbers, long channels) => numbers.Count == channels
        ? (nint)numbers.Data
        : throw new ArgumentException($"A statistic has {numbers.Count} numbers for {channels} channels.");

    /// <inheritdoc cref="AddressOf"/>
    public static ChannelAddresses ReadAddresses(
        long channels, OrtTensor scale, OrtTensor mean, OrtTensor inverseDeviation) =>
        new(AddressOf(scale, channels), AddressOf(mean, channels), AddressOf(inverseDeviation, channels));

    /// <summary>Where numbers per column and row stand on the device, and how many columns there are.</summary>
    /// <exception cref="ArgumentException">
    /// Rows of columns do not make up the elements, or numbers are missing.
    /// </exception>
    public static (long Columns, RowAddresses Statistics) ReadRowAddresses(
        long elements, OrtTensor scale, OrtTensor bias, OrtTensor mean, OrtTensor inverseDeviation)
    {
        var (rows, columns) = (inverseDeviation.Count, scale.Count);
        if (rows * columns != elements)
            throw new ArgumentException(
                $"{elements} elements do not make up {rows} rows, of 'inv_std', of {columns}, of 'scale'.");
        if (!mean.IsAbsent) RequireElements("mean", mean, rows);
        if (!bias.IsAbsent) RequireElements("bias", bias, columns);
        return (columns, new RowAddresses(
            (nint)scale.Data, (nint)bias.Data, (nint)mean.Data, (nint)inverseDeviation.Data));
    }

    /// <summary>A tensor of bytes on the device; absent where the input is left out.</summary>
    public static DeviceBytes BytesOf(OrtTensor tensor) =>
        tensor.Data == null ? default : new((nint)tensor.Data, tensor.Count);

    /// <exception cref="ArgumentException">The tensor does not have that many elements.</exception>
    public static void RequireElements(string input, OrtTensor tensor, long elements)
    {
        if (tensor.Count != elements)
            throw new ArgumentException($"input '{input}' has {tensor.Count} elements, not {elements}.");
    }
}
