using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu.Normalization;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernels of batch normalization take besides the tensors; NormalizationArguments in
/// Kernels/batch_normalization.cuh.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NormalizationArguments
{
    public UnpackArguments Tensor;
    public MaskArguments Mask;
    public long Channels;
    public long PlaneCount;
    public long PlaneElements;
    public int HasMask;
    public int HasAddend;
    public long StoredChannels;
    public long FirstElement;
    public long WrittenCount;
    public float Min;
    public float Max;
    public long IsCorrected;

    /// <param name="packed">The packed tensor.</param>
    /// <param name="dims">Dimensions of the packed tensor, two at least.</param>
    /// <param name="channels">How many of its channels are read, from the first on.</param>
    /// <param name="mask">The packed mask; without an address where there is none.</param>
    /// <param name="bounds">What elements are without a bit in the mask.</param>
    /// <param name="slice">The samples that Y is made of; a gradient takes all.</param>
    /// <param name="hasAddend">Whether there is an addend.</param>
    /// <exception cref="ArgumentException">
    /// The tensor has no channel axis, or more axes than the kernels take.
    /// </exception>
    public NormalizationArguments(
        DeviceBytes packed, ReadOnlySpan<long> dims, long channels, DeviceBytes mask, ClipBounds bounds,
        BatchSlice slice, bool hasAddend)
    {
        if (dims.Length < 2)
            throw new ArgumentException($"A tensor of rank {dims.Length} has no channels.", nameof(dims));
        Tensor = new UnpackArguments(packed.Count, dims, UnpackOutput.Value);
        var storedPlanes = checked(dims[0] * dims[1]);
        PlaneElements = storedPlanes == 0 ? 0 : Tensor.ElementCount / storedPlanes;
        (StoredChannels, Channels) = (dims[1], channels);
        PlaneCount = dims[0] * channels;
        var samples = slice.Of(dims[0]);
        (FirstElement, WrittenCount) =
            (samples.First * channels * PlaneElements, samples.Count * channels * PlaneElements);
        Mask = new MaskArguments(Elements, mask.Count);
        (Min, Max) = (bounds.Min, bounds.Max);
        IsCorrected = dims[0] * PlaneElements <= BatchNormalizationGradFromPacked.MostCorrected ? 1 : 0;
        HasMask = mask.IsAbsent ? 0 : 1;
        HasAddend = hasAddend ? 1 : 0;
    }

    /// <summary>Elements that are read.</summary>
    public readonly long Elements => PlaneCount * PlaneElements;
}
