using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernels activation_grad_* take besides the tensors; DerivativeGradientArguments in Kernels/derivatives.cuh.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct DerivativeGradientArguments(long elementCount, long packedBytes)
{
    public readonly long ElementCount = elementCount;
    public readonly long PackedBytes = packedBytes;
}
