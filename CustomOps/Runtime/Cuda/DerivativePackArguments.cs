using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu.Derivatives;
using OnnxActNN.Format;
using OnnxActNN.Format.Derivatives;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernels derivative_pack_* take besides the tensors; DerivativePackArguments in Kernels/derivatives.cuh.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DerivativePackArguments
{
    public long ElementCount;
    public long GroupCount;
    public ulong TensorKey;
    public uint Levels;
    public float Scale;
    public float Offset;
    public float Last;
    public float Minimum;
    public float CodeScale;
    public fixed uint Header[DerivativeLayout.HeaderSize / sizeof(uint)];

    public DerivativePackArguments(DerivativeLayout layout, DerivativeTable table, float alpha)
    {
        ElementCount = layout.ElementCount;
        GroupCount = layout.GroupCount;
        TensorKey = CounterRandom.TensorKey(layout.Key);
        Levels = (uint)CodeWidths.Levels(layout.Format.Width);
        (Scale, Offset, Last) = (table.ScaleFor(alpha), table.Offset, table.Last);
        var encoding = DerivativeCodes.Encoding(layout.Format);
        (Minimum, CodeScale) = (encoding.Minimum, encoding.Scale);
        fixed (uint* header = Header)
            layout.WriteHeader(new Span<byte>(header, DerivativeLayout.HeaderSize));
    }
}
