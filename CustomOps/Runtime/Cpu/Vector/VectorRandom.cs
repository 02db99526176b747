using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary><see cref="CounterRandom.Word"/> for a vector of counters.</summary>
internal static class VectorRandom
{
    /// <summary>Random words.</summary>
    /// <param name="counter">The counters plus the low half of the group's key.</param>
    /// <param name="highKey">The high half of the group's key.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Words<TLanes, TVector>(TVector counter, TVector highKey)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var x = TLanes.Xor(counter, TLanes.ShiftRight(counter, 16));
        x = TLanes.Multiply(x, TLanes.Splat(CounterRandom.FirstFactor));
        x = TLanes.Add(TLanes.Xor(x, TLanes.ShiftRight(x, 15)), highKey);
        x = TLanes.Multiply(x, TLanes.Splat(CounterRandom.SecondFactor));
        return TLanes.Xor(x, TLanes.ShiftRight(x, 16));
    }
}
