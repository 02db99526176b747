using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cuda;

/// <summary>A layout as the kernels take it; PackedLayout in Kernels/packed_layout.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct LayoutArguments(PackedLayout layout)
{
    public readonly long GroupCount = layout.GroupCount;
    public readonly long GroupsPerRow = layout.GroupsPerRow;
    public readonly long LongGroups = layout.LongGroups;
    public readonly long RowLength = layout.RowLength;
    public readonly long RowBytes = layout.RowBytes;
    public readonly long ExponentsOffset = layout.BlockExponentsOffset;
    public readonly long CodesOffset = layout.CodesOffset;
    public readonly int LongLength = layout.LongLength;
    public readonly int ShortLength = layout.ShortLength;
    public readonly int LongBytes = (int)layout.LongBytes;
    public readonly int ShortBytes = (int)layout.ShortBytes;
}
