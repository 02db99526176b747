using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernels unpack_dequant_* take besides the tensors; UnpackArguments in Kernels/packed_header.cuh.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct UnpackArguments
{
    public const int LargestRank = 16;

    public long PackedBytes;
    public long ElementCount;
    public int IsNonzero;
    public int Rank;
    public fixed long Dimensions[LargestRank];
    public long FirstElement;
    public long EndElement;

    /// <summary>Elements that are written.</summary>
    public readonly long WrittenCount => EndElement - FirstElement;

    /// <summary>For all samples.</summary>
    /// <inheritdoc cref="UnpackArguments(long, ReadOnlySpan{long}, BatchSlice, UnpackOutput)"/>
    public UnpackArguments(long packedBytes, ReadOnlySpan<long> dims, UnpackOutput output)
        : this(packedBytes, dims, BatchSlice.Whole, output)
    {
    }

    /// <param name="packedBytes">Bytes of the packed tensor.</param>
    /// <param name="dims">Its dimensions.</param>
    /// <param name="slice">What is written of it.</param>
    /// <param name="output">What to write.</param>
    /// <exception cref="ArgumentException">The tensor has more dimensions than the kernels take.</exception>
    public UnpackArguments(long packedBytes, ReadOnlySpan<long> dims, BatchSlice slice, UnpackOutput output)
    {
        if (dims.Length > LargestRank)
            throw new ArgumentException(
                $"a tensor of {dims.Length} dimensions; on CUDA there are at most {LargestRank}.");
        PackedBytes = packedBytes;
        ElementCount = 1;
        IsNonzero = output == UnpackOutput.Nonzero ? 1 : 0;
        Rank = dims.Length;
        (FirstElement, EndElement) = slice.ElementsOf(dims);
        for (var i = 0; i < dims.Length; i++)
        {
            Dimensions[i] = dims[i];
            ElementCount = checked(ElementCount * dims[i]);
        }
    }
}
