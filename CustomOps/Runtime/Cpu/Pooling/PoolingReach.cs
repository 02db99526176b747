using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>What a window covers of one axis.</summary>
/// <param name="Start">Place of its first element, which padding makes negative.</param>
/// <param name="Kernel">Its elements.</param>
/// <param name="Dilation">From an element to the next.</param>
/// <param name="First">The first of its elements within the axis.</param>
/// <param name="End">The first behind the axis.</param>
internal readonly record struct PoolingReach(long Start, int Kernel, int Dilation, int First, int End)
{
    /// <summary>The place of an element of the window.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long PlaceOf(int element) => Start + (long)element * Dilation;

    /// <summary>The element of the window at a place of the axis; -1 where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ElementAt(long place)
    {
        var distance = place - Start;
        var element = Dilation == 1 ? distance : distance / Dilation;
        return element >= First && element < End && PlaceOf((int)element) == place ? (int)element : -1;
    }

    /// <summary>Whether an element of the window lies within the axis.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Holds(int element) => element >= First && element < End;
}
