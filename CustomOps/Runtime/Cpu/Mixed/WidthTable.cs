using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Mixed;

/// <summary>
/// The table of a packed tensor whose groups have widths of their own: the class of each group, in 2 bits.
/// </summary>
internal static unsafe class WidthTable
{
    private const int GroupsPerByte = 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ClassOf(byte* packed, long group) =>
        packed[PackedLayout.TableOffset + group / GroupsPerByte] >> (int)(
            2 * (group % GroupsPerByte)) & (WidthShares.Classes - 1);

    /// <summary>Writes the class of a group over a 0.</summary>
    public static void Set(byte* packed, long group, int index) =>
        packed[PackedLayout.TableOffset + group / GroupsPerByte] |= (byte)(index << (int)(2 * (group % GroupsPerByte)));

    /// <summary>How many groups of each class stand before each block of groups.</summary>
    /// <exception cref="PackedFormatException">
    /// A class has more or fewer groups than its section has room for.
    /// </exception>
    public static long[] CountBeforeBlocks(byte* packed, PackedLayout layout)
    {
        var before = new long[layout.BlockCount * WidthShares.Classes];
        Span<long> counts = stackalloc long[WidthShares.Classes];
        counts.Clear();
        for (long group = 0; group < layout.GroupCount; group++)
        {
            if (group % PackedLayout.GroupsPerBlock == 0)
                counts.CopyTo(before.AsSpan((int)(group / PackedLayout.GroupsPerBlock * WidthShares.Classes)));
            counts[ClassOf(packed, group)]++;
        }
        for (var index = 0; index < WidthShares.Classes; index++)
        {
            if (counts[index] == layout.Sections[index].Groups) continue;
            throw new PackedFormatException(
                $"The packed tensor is damaged: {counts[index]} groups have codes of {layout.Sections[index].Width}, "
                    + $"not {layout.Sections[index].Groups}.");
        }
        return before;
    }
}
