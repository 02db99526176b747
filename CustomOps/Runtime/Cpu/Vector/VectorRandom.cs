using System.Runtime.CompilerServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary><see cref="CounterRandom.Word"/> for a vector of counters.</summary>
internal static class VectorRandom
{
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
