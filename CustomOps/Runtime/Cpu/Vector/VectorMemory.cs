using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>
/// Moves 2 · Count neighbouring elements between memory and two vectors of placed numbers. How the elements are shared
/// out is the type's: even and odd ones for elements of 2 bytes, which stand two in a lane, the first and the second
/// half for others. <see cref="Join"/> and <see cref="Part"/> go from there to 16-bit numbers in the elements' order,
/// and back.
/// </summary>
internal static unsafe class VectorMemory<TLanes, TVector, TElement>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TElement : struct, IVectorElement
{
    private const uint LowHalf = 0xffff;

    /// <summary>Bytes of the longest vector's elements at 8 bytes each.</summary>
    private const int WideBytes = 32 * sizeof(double);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Load(byte* source)
    {
        if (TElement.Size == sizeof(double))
            return (TLanes.Load64(source), TLanes.Load64(source + TLanes.Count * sizeof(double)));
        return TElement.Size == sizeof(ushort)
            ? Convert(TLanes.Load32(source))
            : (TLanes.Load32(source), TLanes.Load32(source + TLanes.Count * sizeof(float)));
    }

    /// <summary>Loads the first <paramref name="count"/> elements, none when it is below 1; the others are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) LoadFirst(byte* source, int count)
    {
        if (TElement.Size == sizeof(double))
            return LoadFirstWide(source, count);
        if (TElement.Size == sizeof(ushort))
            return Convert(TLanes.LoadFirst16(source, count));
        var second = TLanes.LoadFirst32(source + TLanes.Count * sizeof(float), count - TLanes.Count);
        return (TLanes.LoadFirst32(source, count), second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(TVector first, TVector second, byte* target)
    {
        if (TElement.Size == sizeof(double))
        {
            TLanes.Store64(first, target);
            TLanes.Store64(second, target + TLanes.Count * sizeof(double));
        }
        else if (TElement.Size == sizeof(ushort))
        {
            TLanes.Store32(TElement.Round<TLanes, TVector>(first, second), target);
        }
        else
        {
            TLanes.Store32(first, target);
            TLanes.Store32(second, target + TLanes.Count * sizeof(float));
        }
    }

    /// <summary>Stores the first <paramref name="count"/> elements, none when it is below 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFirst(TVector first, TVector second, byte* target, int count)
    {
        if (TElement.Size == sizeof(double))
        {
            StoreFirstWide(first, second, target, count);
        }
        else if (TElement.Size == sizeof(ushort))
        {
            TLanes.StoreFirst16(TElement.Round<TLanes, TVector>(first, second), target, count);
        }
        else
        {
            TLanes.StoreFirst32(first, target, count);
            TLanes.StoreFirst32(second, target + TLanes.Count * sizeof(float), count - TLanes.Count);
        }
    }

    /// <summary>The low 16 bits of each lane of both vectors, in the elements' order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Join(TVector first, TVector second) => TElement.Size == sizeof(ushort)
        ? TLanes.Interleave(first, second)
        : TLanes.Narrow(first, second);

    /// <summary>The inverse of <see cref="Join"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) Part(TVector halves) =>
        TElement.Size == sizeof(ushort)
            ? (TLanes.And(halves, TLanes.Splat(LowHalf)), TLanes.ShiftRight(halves, 16))
            : (TLanes.WidenLower(halves), TLanes.WidenUpper(halves));

    /// <summary>
    /// <see cref="Part"/> for elements of 2 bytes, each number in the upper 16 bits of a mantissa under the sign and
    /// exponent of <paramref name="first"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (TVector First, TVector Second) PartAsMantissas(TVector halves, uint first)
    {
        var upper = TLanes.Splat(LowHalf << 7);
        return (TLanes.Or(TLanes.And(TLanes.ShiftLeft(halves, 7), upper), TLanes.Splat(first)),
            TLanes.Or(TLanes.And(TLanes.ShiftRight(halves, 9), upper), TLanes.Splat(first)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TVector First, TVector Second) Convert(TVector raw) =>
        (TElement.PlaceEven<TLanes, TVector>(raw), TElement.PlaceOdd<TLanes, TVector>(raw));

    [SkipLocalsInit]
    private static (TVector First, TVector Second) LoadFirstWide(byte* source, int count)
    {
        var buffer = stackalloc byte[WideBytes];
        PartialCopy.Load(source, buffer, Math.Min(count, 2 * TLanes.Count) * sizeof(double), WideBytes);
        return Load(buffer);
    }

    [SkipLocalsInit]
    private static void StoreFirstWide(TVector first, TVector second, byte* target, int count)
    {
        var buffer = stackalloc byte[WideBytes];
        Store(first, second, buffer);
        PartialCopy.Store(buffer, target, Math.Min(count, 2 * TLanes.Count) * sizeof(double), WideBytes);
    }
}
