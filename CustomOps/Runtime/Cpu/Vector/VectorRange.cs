using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// The range of a group by order keys (<see cref="GroupRange.KeyOf"/>): integer minimum and maximum see NaN and infinity for
/// nothing. 16-bit elements are compared as they are, two in a lane.
/// </summary>
internal static unsafe class VectorRange<TLanes, TVector, TElement>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TElement : struct, IVectorElement
{
    private static bool IsNarrow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TElement.Size == sizeof(ushort);
    }

    private static int Step
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => IsNarrow ? 2 * TLanes.Count : TLanes.Count;
    }

    /// <summary>Whether the group has a whole vector; shorter ones are left to the scalar kernel.</summary>
    public static bool CanScan(int length) => length >= Step;

    /// <summary>The vector of smallest and the vector of largest keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scan<TZeroExact>(byte* x, int length, out TVector minimum, out TVector maximum)
        where TZeroExact : struct, IFlag
    {
        var low = Keys<TZeroExact>(x);
        var (high, secondLow, secondHigh) = (low, low, low);
        var i = Step;
        for (; i + 2 * Step <= length; i += 2 * Step)
        {
            Widen<TZeroExact>(Keys<TZeroExact>(x + (long)i * TElement.Size), ref low, ref high);
            Widen<TZeroExact>(Keys<TZeroExact>(x + (long)(i + Step) * TElement.Size), ref secondLow, ref secondHigh);
        }

        if (i + Step <= length)
            Widen<TZeroExact>(Keys<TZeroExact>(x + (long)i * TElement.Size), ref low, ref high);
        // The last vector may overlap the one before: a value counted twice does not change the range.
        Widen<TZeroExact>(Keys<TZeroExact>(x + (long)(length - Step) * TElement.Size), ref secondLow, ref secondHigh);
        minimum = Min(low, secondLow);
        maximum = Max(high, secondHigh);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Widen<TZeroExact>(TVector keys, ref TVector low, ref TVector high)
        where TZeroExact : struct, IFlag
    {
        if (!TZeroExact.IsOn)
            low = Min(low, keys);
        high = Max(high, keys);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Keys<TZeroExact>(byte* x)
        where TZeroExact : struct, IFlag
    {
        var bits = IsNarrow ? TLanes.Load32(x) : VectorMemory<TLanes, TVector, TElement>.Load(x);
        var magnitude = TLanes.Splat(IsNarrow ? 0x7fff7fffu : 0x7fffffffu);
        if (TZeroExact.IsOn)
            return TLanes.And(bits, magnitude);
        var sign = IsNarrow ? TLanes.ShiftRightSigned16(bits, 15) : TLanes.ShiftRightSigned(bits, 31);
        return TLanes.Xor(bits, TLanes.And(sign, magnitude));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Min(TVector a, TVector b) => IsNarrow ? TLanes.MinSigned16(a, b) : TLanes.MinSigned(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Max(TVector a, TVector b) => IsNarrow ? TLanes.MaxSigned16(a, b) : TLanes.MaxSigned(a, b);
}
