using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernels of layer normalization take besides the tensors; LayerNormalizationArguments in
/// Kernels/layer_normalization.cuh.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LayerNormalizationArguments(
    DeviceBytes packed, ReadOnlySpan<long> dims, long columns, bool hasMean, bool hasBias)
{
    public UnpackArguments Tensor = new(packed.Count, dims, UnpackOutput.Value);
    public long Columns = columns;
    public int HasMean = hasMean ? 1 : 0;
    public int HasBias = hasBias ? 1 : 0;
}
