using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>
/// What a window covers of a plane (a sample's channel). Its elements have offsets, whether they lie in the plane or in
/// the padding; the last axis counts fastest.
/// </summary>
/// <param name="Slices">Of the first axis.</param>
/// <param name="Rows">Of the second.</param>
/// <param name="Columns">Of the third.</param>
/// <param name="Height">Elements of the second axis.</param>
/// <param name="Width">Elements of the third.</param>
internal readonly record struct PoolingPatch(
    PoolingReach Slices, PoolingReach Rows, PoolingReach Columns, long Height, long Width)
{
    /// <summary>The offset of the first element in the plane.</summary>
    public int First => Offset(Slices.First, Rows.First, Columns.First);

    /// <summary>The offset of an element of the window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Offset(int slice, int row, int column) => (slice * Rows.Kernel + row) * Columns.Kernel + column;

    /// <summary>The first element of the plane in a row that the window covers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long RowStart(int slice, int row) => (Slices.PlaceOf(slice) * Height + Rows.PlaceOf(row)) * Width;

    /// <summary>The offset of an element of the plane; -1 where the window does not cover it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OffsetOf(long element)
    {
        var line = element / Width;
        var place = line / Height;
        var (slice, row) = (Slices.ElementAt(place), Rows.ElementAt(line - place * Height));
        var column = Columns.ElementAt(element - line * Width);
        return slice < 0 || row < 0 || column < 0 ? -1 : Offset(slice, row, column);
    }

    /// <summary>
    /// The element of the plane at an offset; -1 where it lies in the padding or is none of the window.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ElementAt(uint offset)
    {
        var line = offset / (uint)Columns.Kernel;
        var slice = line / (uint)Rows.Kernel;
        var (row, column) = ((int)(line - slice * (uint)Rows.Kernel), (int)(offset - line * (uint)Columns.Kernel));
        return Slices.Holds((int)slice) && Rows.Holds(row) && Columns.Holds(column)
            ? RowStart((int)slice, row) + Columns.PlaceOf(column)
            : -1;
    }
}
