using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>What the kernels quantize_pack_* take besides the tensors; PackArguments in Kernels/quantize_pack.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PackArguments
{
    public LayoutArguments Layout;
    public ulong TensorKey;
    public float LargestDecoded;
    public byte IsZeroExact;
    public byte IsEightBit;
    public fixed uint Header[PackedHeader.Size / sizeof(uint)];

    public PackArguments(ElementType type, PackedLayout layout, in PackKey key)
    {
        Layout = new LayoutArguments(layout);
        TensorKey = CounterRandom.TensorKey(key);
        LargestDecoded = ElementTypes.LargestDecoded(type);
        IsZeroExact = layout.Format.ZeroExact ? (byte)1 : (byte)0;
        IsEightBit = layout.Format.Metadata == MetadataFormat.EightBits ? (byte)1 : (byte)0;
        fixed (uint* header = Header)
            PackedHeader.Create(type, layout, key).Write(new Span<byte>(header, PackedHeader.Size));
    }
}
