using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu.Masks;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>What the kernels mask_pack_* take besides the tensors; MaskPackArguments in Kernels/masks.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MaskPackArguments
{
    public long ElementCount;
    public long Low;
    public long High;
    public uint IsInverted;
    public fixed uint Header[MaskFormat.HeaderSize / sizeof(uint)];

    public MaskPackArguments(long count, in KeyRange range)
    {
        ElementCount = count;
        Low = range.Low;
        High = range.High;
        IsInverted = range.IsInverted ? 1u : 0;
        fixed (uint* header = Header)
            MaskFormat.WriteHeader(new Span<byte>(header, MaskFormat.HeaderSize), count);
    }
}
