using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>
/// What the kernels that choose the groups' widths take besides the buffers; AllocationArguments in
/// Kernels/group_scores.cuh.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AllocationArguments
{
    private const int WiderClasses = WidthShares.Classes - 1;

    public LayoutArguments Layout;
    public long TilesPerPart;
    public long Channels;
    public long ChannelElements;
    public long SampleElements;
    public fixed uint AtLeast[WiderClasses];
    public uint IsOfMagnitudes;
    public uint Order;

    /// <param name="layout">A tensor whose groups have widths of their own; fewer than 2³² of them.</param>
    /// <param name="tilesPerPart">Tiles of groups that a thread block has.</param>
    public AllocationArguments(PackedLayout layout, long tilesPerPart)
    {
        Layout = new LayoutArguments(layout, layout.Sections[0] with { Groups = layout.GroupCount });
        TilesPerPart = tilesPerPart;
        Channels = AllocationMemory.ChannelsOf(layout);
        ChannelElements = layout.ChannelElements;
        SampleElements = layout.ElementCount / layout.Samples;
        for (var index = 0; index < WiderClasses; index++)
            AtLeast[index] = (uint)layout.Format.Shares.AtLeast(index + 1, layout.GroupCount);
        IsOfMagnitudes = layout.Format.HasStepAlone ? 1u : 0;
        Order = (uint)layout.Format.Order;
    }
}
