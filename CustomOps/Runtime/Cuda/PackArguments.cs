using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernels quantize_pack_* take besides the tensors; PackArguments in Kernels/quantize_pack.cuh.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PackArguments
{
    private const byte MinimumGrid = 0;
    private const byte ZeroExactGrid = 1;
    private const byte SquaredGrid = 2;

    public LayoutArguments Layout;
    public ulong TensorKey;
    public float LargestDecoded;
    public byte Grid;
    public byte IsEightBit;
    public byte HasOrder;
    public fixed uint Header[PackedHeader.Size / sizeof(uint)];

    /// <param name="type">Type of the elements.</param>
    /// <param name="layout">Shape and attributes.</param>
    /// <param name="section">The groups to pack.</param>
    /// <param name="key">What the random numbers are drawn from.</param>
    public PackArguments(ElementType type, PackedLayout layout, in GroupSection section, in PackKey key)
    {
        Layout = new LayoutArguments(layout, section);
        HasOrder = layout.Format.Shares.IsUniform ? (byte)0 : (byte)1;
        TensorKey = CounterRandom.TensorKey(key);
        LargestDecoded = ElementTypes.LargestDecoded(type);
        Grid = layout.Format.ZeroExact
            ? ZeroExactGrid
            : layout.Format.Grid == CodeGrid.Squared ? SquaredGrid : MinimumGrid;
        IsEightBit = layout.Format.Metadata == MetadataFormat.EightBits ? (byte)1 : (byte)0;
        fixed (uint* header = Header)
            PackedHeader.Create(type, layout, key).Write(new Span<byte>(header, PackedHeader.Size));
    }
}
