using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu.Normalization;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernel batch_normalization_in_place takes besides the tensors; BatchNormalizationInPlaceArguments in
/// Kernels/batch_normalization_in_place.cu.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct BatchNormalizationInPlaceArguments(PlaneShape shape, NormalizationChannels channels)
{
    public readonly long Samples = shape.Samples;
    public readonly long Channels = shape.Channels;
    public readonly long PlaneElements = shape.PlaneLength;
    public readonly long EstimatedChannels =
        RootEstimates.Table.Length > 0 ? BatchNormalizationInPlace.ChannelsInPackets(shape.Channels) : 0;

    public readonly float Count = shape.Samples * shape.PlaneLength;
    public readonly float Epsilon = channels.Epsilon;
    public readonly float Momentum = channels.Momentum;
    public readonly float Change = channels.Change;
}
