using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>A layout as the kernels take it; PackedLayout in Kernels/packed_layout.cuh.</summary>
/// <param name="layout">Shape and attributes.</param>
/// <param name="section">The groups of one class.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct LayoutArguments(PackedLayout layout, in GroupSection section)
{
    public readonly long GroupCount = section.Groups;
    public readonly long GroupsPerRow = layout.GroupsPerRow;
    public readonly long LongGroups = layout.LongGroups;
    public readonly long RowLength = layout.RowLength;
    public readonly long RowBytes = layout.RowBytes;
    public readonly long MetadataOffset = section.MetadataOffset;
    public readonly long ExponentsOffset = section.BlockExponentsOffset;
    public readonly long CodesOffset = section.CodesOffset;
    public readonly int LongLength = layout.LongLength;
    public readonly int ShortLength = layout.ShortLength;
    public readonly int LongBytes = (int)layout.LongBytes;
    public readonly int ShortBytes = (int)layout.ShortBytes;
    public readonly int Stride = (int)section.Stride;

    /// <summary>All groups of a tensor of one width.</summary>
    public LayoutArguments(PackedLayout layout)
        : this(layout, layout.Sections[0])
    {
    }
}
