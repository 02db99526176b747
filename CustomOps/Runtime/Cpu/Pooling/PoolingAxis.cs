using System.Runtime.CompilerServices;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>One axis of a pool.</summary>
/// <param name="Size">Elements.</param>
/// <param name="Windows">Windows.</param>
/// <param name="Kernel">Elements of a window.</param>
/// <param name="Stride">From a window to the next.</param>
/// <param name="Dilation">From an element of a window to the next.</param>
/// <param name="Pad">Places before the first element.</param>
internal readonly record struct PoolingAxis(long Size, long Windows, int Kernel, int Stride, int Dilation, int Pad)
{
    /// <summary>One element, one window.</summary>
    public static PoolingAxis Single { get; } = new(1, 1, 1, 1, 1, 0);

    /// <summary>What a window covers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PoolingReach At(long window)
    {
        var start = window * Stride - Pad;
        var first = start < 0 ? (int)((-start + Dilation - 1) / Dilation) : 0;
        var end = start + (long)(Kernel - 1) * Dilation < Size
            ? Kernel
            : (int)Math.Max(first, (Size - start + Dilation - 1) / Dilation);
        return new PoolingReach(start, Kernel, Dilation, first, end);
    }

    /// <exception cref="ArgumentException">A window holds no element.</exception>
    public void RequireElements()
    {
        for (long window = 0; window < Windows; window++)
        {
            var reach = At(window);
            if (reach.Holds(reach.First)) continue;
            throw new ArgumentException(
                "a pooling window holds no element of the input: correct the attributes, which must be those of the "
                + "MaxPool.");
        }
    }
}
