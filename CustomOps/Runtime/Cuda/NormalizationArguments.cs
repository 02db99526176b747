using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>What the kernels of batch normalization take besides the tensors; NormalizationArguments in Kernels/batch_normalization.cuh.</summary>
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

    /// <param name="packed">The packed tensor.</param>
    /// <param name="dims">Dimensions of the tensor, two at least.</param>
    /// <param name="mask">The packed mask; without an address where there is none.</param>
    /// <param name="hasAddend">Whether there is an addend.</param>
    /// <exception cref="ArgumentException">The tensor has no channel axis, or more axes than the kernels take.</exception>
    public NormalizationArguments(DeviceBytes packed, ReadOnlySpan<long> dims, DeviceBytes mask, bool hasAddend)
    {
        if (dims.Length < 2) throw new ArgumentException($"A tensor of rank {dims.Length} has no channels.", nameof(dims));
        Tensor = new UnpackArguments(packed.Count, dims, UnpackOutput.Value);
        Mask = new MaskArguments(Tensor.ElementCount, mask.Count);
        Channels = dims[1];
        PlaneCount = checked(dims[0] * dims[1]);
        PlaneElements = PlaneCount == 0 ? 0 : Tensor.ElementCount / PlaneCount;
        HasMask = mask.IsAbsent ? 0 : 1;
        HasAddend = hasAddend ? 1 : 0;
    }
}
