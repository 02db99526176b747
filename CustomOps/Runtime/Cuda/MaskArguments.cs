using System.Runtime.InteropServices;
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
    public fixed uint Header[MaskFormat.HeaderSize / sizeof(uint)];

    public MaskArguments(long count, long packedBytes, float kept = 1, float dropped = 0)
    {
        ElementCount = count;
        PackedBytes = packedBytes;
        Kept = kept;
        Dropped = dropped;
        fixed (uint* header = Header)
            MaskFormat.WriteHeader(new Span<byte>(header, MaskFormat.HeaderSize), count);
    }
}
