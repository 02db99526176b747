using System.Runtime.InteropServices;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>What the kernel add_in_place takes besides the tensors; SumArguments in Kernels/sums.cu.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct SumArguments(long count)
{
    public readonly long Count = count;
}
