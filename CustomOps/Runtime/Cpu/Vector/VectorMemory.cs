using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>Moves vectors of elements between memory and float lanes.</summary>
internal static unsafe class VectorMemory<TLanes, TVector, TElement>
    where TLanes : struct, ILanes<TVector>
    where TVector : struct
    where TElement : struct, IVectorElement
{
    private const int WideBytes = 16 * sizeof(double);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load(void* source)
    {
        if (TElement.Size == sizeof(double))
            return TLanes.Load64(source);
        var raw = TElement.Size == sizeof(ushort) ? TLanes.Load16(source) : TLanes.Load32(source);
        return TElement.ToFloat<TLanes, TVector>(raw);
    }

    /// <summary>Loads the first <paramref name="count"/> elements, none when it is below 1; the other lanes are 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector LoadFirst(void* source, int count)
    {
        if (TElement.Size == sizeof(double))
            return LoadFirstWide(source, count);
        var raw = TElement.Size == sizeof(ushort) ? TLanes.LoadFirst16(source, count) : TLanes.LoadFirst32(source, count);
        return TElement.ToFloat<TLanes, TVector>(raw);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(TVector value, void* target)
    {
        if (TElement.Size == sizeof(double))
            TLanes.Store64(value, target);
        else if (TElement.Size == sizeof(ushort))
            TLanes.Store16(TElement.FromFloat<TLanes, TVector>(value), target);
        else
            TLanes.Store32(TElement.FromFloat<TLanes, TVector>(value), target);
    }

    /// <summary>Stores the first <paramref name="count"/> lanes, none when it is below 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreFirst(TVector value, void* target, int count)
    {
        if (TElement.Size == sizeof(double))
            StoreFirstWide(value, target, count);
        else if (TElement.Size == sizeof(ushort))
            TLanes.StoreFirst16(TElement.FromFloat<TLanes, TVector>(value), target, count);
        else
            TLanes.StoreFirst32(TElement.FromFloat<TLanes, TVector>(value), target, count);
    }

    [SkipLocalsInit]
    private static TVector LoadFirstWide(void* source, int count)
    {
        var buffer = stackalloc byte[WideBytes];
        PartialCopy.Load(source, buffer, Math.Min(count, TLanes.Count) * sizeof(double), WideBytes);
        return TLanes.Load64(buffer);
    }

    [SkipLocalsInit]
    private static void StoreFirstWide(TVector value, void* target, int count)
    {
        var buffer = stackalloc byte[WideBytes];
        TLanes.Store64(value, buffer);
        PartialCopy.Store(buffer, target, Math.Min(count, TLanes.Count) * sizeof(double), WideBytes);
    }
}
