using System.Runtime.CompilerServices;
using OnnxActNN.CustomOps.Cpu.Elements;

namespace OnnxActNN.CustomOps.Cpu.Vector;

/// <summary>Vectors at the end of a group, of which only the first lanes have an element.</summary>
internal static unsafe class PartialVector
{
    private const int LargestVectorBytes = 16 * sizeof(double);

    /// <summary>Loads <paramref name="count"/> elements, none when it is below 1; the other lanes are <paramref name="fill"/>.</summary>
    [SkipLocalsInit]
    public static TVector Load<TLanes, TVector, TElement>(byte* source, long count, TVector fill)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TElement : struct, IVectorElement
    {
        if (count <= 0)
            return fill;
        var buffer = stackalloc byte[LargestVectorBytes];
        Buffer.MemoryCopy(source, buffer, LargestVectorBytes, count * TElement.Size);
        var isElement = TLanes.LessSigned(TLanes.Indices, TLanes.Splat((uint)count));
        return TLanes.Select(isElement, TElement.Load<TLanes, TVector>(buffer), fill);
    }

    /// <summary>Stores the first <paramref name="count"/> lanes, none when it is below 1.</summary>
    [SkipLocalsInit]
    public static void Store<TLanes, TVector, TElement>(TVector value, byte* target, long count)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
        where TElement : struct, IVectorElement
    {
        if (count <= 0)
            return;
        var buffer = stackalloc byte[LargestVectorBytes];
        TElement.Store<TLanes, TVector>(value, buffer);
        Buffer.MemoryCopy(buffer, target, count * TElement.Size, count * TElement.Size);
    }

    /// <summary>Loads <paramref name="count"/> bytes; the other lanes may be anything.</summary>
    [SkipLocalsInit]
    public static TVector LoadBytes<TLanes, TVector>(byte* source, long count)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        var buffer = stackalloc byte[LargestVectorBytes];
        if (count > 0)
            Buffer.MemoryCopy(source, buffer, LargestVectorBytes, count);
        return TLanes.Load8(buffer);
    }

    /// <summary>Stores the low bytes of the first <paramref name="count"/> lanes.</summary>
    [SkipLocalsInit]
    public static void StoreBytes<TLanes, TVector>(TVector value, byte* target, long count)
        where TLanes : struct, ILanes<TVector>
        where TVector : struct
    {
        if (count <= 0)
            return;
        var buffer = stackalloc byte[LargestVectorBytes];
        TLanes.Store8(value, buffer);
        Buffer.MemoryCopy(buffer, target, count, count);
    }
}
