using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>What the kernels unpack_dequant_* take besides the tensors; UnpackArguments in Kernels/packed_header.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct UnpackArguments
{
    public const int LargestRank = 16;

    public long PackedBytes;
    public long ElementCount;
    public int IsNonzero;
    public int Rank;
    public fixed long Dimensions[LargestRank];

    /// <exception cref="ArgumentException">The tensor has more dimensions than the kernels take.</exception>
    public UnpackArguments(long packedBytes, ReadOnlySpan<long> dims, UnpackOutput output)
    {
        if (dims.Length > LargestRank)
            throw new ArgumentException($"a tensor of {dims.Length} dimensions; on CUDA there are at most {LargestRank}.");
        PackedBytes = packedBytes;
        ElementCount = 1;
        IsNonzero = output == UnpackOutput.Nonzero ? 1 : 0;
        Rank = dims.Length;
        for (var i = 0; i < dims.Length; i++)
        {
            Dimensions[i] = dims[i];
            ElementCount = checked(ElementCount * dims[i]);
        }
    }
}
