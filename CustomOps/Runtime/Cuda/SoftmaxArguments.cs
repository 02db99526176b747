using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernel softmax_grad_from_packed takes besides the tensors; SoftmaxArguments in Kernels/softmax.cu.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SoftmaxArguments(long packedBytes, ReadOnlySpan<long> dims)
{
    public UnpackArguments Tensor = new(packedBytes, dims, UnpackOutput.Value);
    public long RowLength = dims.IsEmpty ? 1 : dims[^1];
}
