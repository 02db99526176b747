using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernel layer_normalization_from_packed takes besides the tensors; LayerNormalizationArguments in
/// Kernels/layer_normalization.cu.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LayerNormalizationArguments(DeviceBytes packed, ReadOnlySpan<long> dims, long columns, bool hasMean, bool hasBias)
{
    public UnpackArguments Tensor = new(packed.Count, dims, UnpackOutput.Value);
    public long Columns = columns;
    public int HasMean = hasMean ? 1 : 0;
    public int HasBias = hasBias ? 1 : 0;
}
