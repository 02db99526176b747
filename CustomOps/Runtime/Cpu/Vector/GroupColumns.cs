using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>How a group's columns are cut into vectors.</summary>
/// <param name="Columns">Columns of the group.</param>
/// <param name="End">Steps of whole vectors start at columns below it; none when it is below 1.</param>
/// <param name="Rest">The first column that they leave.</param>
/// <param name="Last">Column of the last vector that does not pass the columns; below 0 in short groups.</param>
internal readonly record struct GroupColumns(int Columns, int End, int Rest, int Last)
{
    /// <summary>Whether whole vectors leave columns.</summary>
    public bool HasRest
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Rest < Columns;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static GroupColumns Create<TWidth>(int length, int lanes)
        where TWidth : struct, IVectorWidth
    {
        var columns = (int)((uint)(length + TWidth.Slots - 1) / (uint)TWidth.Slots);
        // All pairs but the last are full in every column when any column is whole.
        var whole = Math.Min(columns, (length - (TWidth.Slots - 2) * columns) >> 1);
        var last = columns - lanes;
        // When no place is empty, the last whole vector of columns may overlap the one before.
        return whole == columns && last >= 0
            ? new GroupColumns(columns, columns, columns, last)
            : new GroupColumns(columns, whole - lanes + 1, Math.Max(0, whole) / lanes * lanes, last);
    }

    /// <summary>
    /// Whether a group may be handled <see cref="Loose"/>: all its pairs but the last are full, and a vector's columns
    /// follow in the groups up to <paramref name="end"/>, the end of those that are handled together, one after the
    /// other.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsLoose<TWidth>(in GroupSpan group, long end, int columns, int lanes)
        where TWidth : struct, IVectorWidth =>
        group.Length >= (TWidth.Slots - 2) * columns && end - group.Start - group.Length >= lanes * TWidth.Slots;
}
