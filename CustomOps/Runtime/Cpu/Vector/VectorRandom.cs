using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary><see cref="CounterRandom.Word"/> for a vector of counters.</summary>
internal static class VectorRandom
{
    /// <summary>What <see cref="Words"/> takes for columns from <paramref name="column"/> on.</summary>
    /// <param name="groupKey">The group's key.</param>
    /// <param name="column">The first lane's column.</param>
    /// <param name="stride">How far apart the counters of neighbouring columns are, times the first factor.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Counters<TLanes, TVector>(ulong groupKey, int column, uint stride)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var first = (uint)groupKey + (uint)column * stride;
        return TLanes.Add(TLanes.Multiply(TLanes.Indices, TLanes.Splat(stride)), TLanes.Splat(first));
    }

    /// <summary>Random words.</summary>
    /// <param name="multiple">The counters times the first factor, plus the low half of the group's key.</param>
    /// <param name="highKey">The high half of the group's key.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Words<TLanes, TVector>(TVector multiple, TVector highKey)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var x = TLanes.Add(TLanes.Xor(multiple, TLanes.ShiftRight(multiple, 15)), highKey);
        x = TLanes.Multiply(x, TLanes.Splat(CounterRandom.SecondFactor));
        return TLanes.Xor(x, TLanes.ShiftRight(x, 16));
    }
}
