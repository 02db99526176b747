using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>What the kernels that read masks take besides the tensors; MaskArguments in Kernels/masks.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MaskArguments
{
    public long ElementCount;
    public long PackedBytes;
    public float Kept;
    public float Dropped;
    public float Divisor;
    public fixed uint Header[MaskFormat.HeaderSize / sizeof(uint)];

    public MaskArguments(long count, long packedBytes)
        : this(count, packedBytes, new MaskFactors<float>(Kept: 1, Dropped: 0, Divisor: 1))
    {
    }

    public MaskArguments(long count, long packedBytes, MaskFactors<float> factors)
    {
        ElementCount = count;
        PackedBytes = packedBytes;
        (Kept, Dropped, Divisor) = factors;
        fixed (uint* header = Header)
            MaskFormat.WriteHeader(new Span<byte>(header, MaskFormat.HeaderSize), count);
    }
}
