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
    public long Place(int element) => Start + (long)element * Dilation;
}
