using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// <see cref="CounterRandom.Word"/> and <see cref="CounterRandom.OtherWord"/> for a vector of counters.
/// </summary>
internal static class VectorRandom
{
    /// <summary>How far apart the counters of neighbouring columns are, after the first multiplication.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ColumnStride(int slots) =>
        unchecked((uint)CounterRandom.CountersPerColumn(slots) * CounterRandom.FirstFactor);

    /// <summary>What <see cref="Mix"/> takes for columns from <paramref name="column"/> on.</summary>
    /// <param name="groupKey">The group's key.</param>
    /// <param name="column">The first lane's column.</param>
    /// <param name="stride"><see cref="ColumnStride"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Counters<TLanes, TVector>(ulong groupKey, int column, uint stride)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var first = (uint)groupKey + (uint)column * stride;
        return TLanes.Add(TLanes.Multiply(TLanes.Indices, TLanes.Splat(stride)), TLanes.Splat(first));
    }

    /// <summary>What both words of counters are made of.</summary>
    /// <param name="multiple">The counters times the first factor, plus the low half of the group's key.</param>
    /// <param name="highKey">The high half of the group's key.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Mix<TLanes, TVector>(TVector multiple, TVector highKey)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct =>
        TLanes.Add(TLanes.Xor(multiple, TLanes.ShiftRight(multiple, 15)), highKey);

    /// <summary>The words of a column's pair.</summary>
    /// <param name="mixed">From <see cref="Mix"/>.</param>
    /// <param name="pair">Number of the pair: odd ones have the other word.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Words<TLanes, TVector>(TVector mixed, int pair)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var factor = (pair & 1) == 0 ? CounterRandom.SecondFactor : CounterRandom.OtherFactor;
        var x = TLanes.Multiply(mixed, TLanes.Splat(factor));
        return TLanes.Xor(x, TLanes.ShiftRight(x, 16));
    }
}
