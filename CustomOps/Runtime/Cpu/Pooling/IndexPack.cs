using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>
/// The driver of IndexPack: header, then planes, which are independent of each other. There is one kernel for all
/// tiers.
/// </summary>
/// <remarks>
/// An index that lies outside its window is stored as the window's first element within the plane. ONNX Runtime writes
/// such where a window holds nothing above the least finite number (all NaN, or −∞), and its own gradient then writes
/// past the plane.
/// </remarks>
internal static unsafe class IndexPack
{
    /// <param name="indices">MaxPool's indices, numbers of elements of the whole input.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="x">Spatial dimensions of the pool's input.</param>
    /// <param name="y">Spatial dimensions of its output.</param>
    /// <param name="packed"><see cref="IndexLayout.TotalBytes"/> bytes; all are written.</param>
    /// <param name="loop">Runs the planes.</param>
    /// <exception cref="ArgumentException">A window holds no element of the plane.</exception>
    internal static void Run(
        long* indices, IndexLayout layout, ReadOnlySpan<long> x, ReadOnlySpan<long> y, byte* packed, IParallelLoop loop)
    {
        layout.WriteHeader(new Span<byte>(packed, IndexLayout.HeaderSize));
        if (layout.PlaneCount == 0 || layout.PlaneElements == 0) return;
        var grid = new PoolingGrid(layout.Window, x, y);
        grid.RequireElements();
        loop.For(layout.PlaneCount, (start, end) =>
        {
            for (var number = start; number < end; number++)
            {
                var codes = packed + IndexLayout.HeaderSize + number * layout.PlaneBytes;
                NativeMemory.Clear(codes, (nuint)layout.PlaneBytes);
                grid.Walk(new Packing(
                    indices + number * layout.PlaneElements, number * grid.ElementCount,
                    new OffsetCodes(codes, layout.Window.OffsetBits)));
            }
        });
    }

    private readonly struct Packing(long* indices, long first, OffsetCodes codes) : IPoolingVisitor
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Visit(long window, in PoolingPatch patch)
        {
            var offset = patch.OffsetOf(indices[window] - first);
            codes.Put(window, offset >= 0 ? offset : patch.First);
        }
    }
}
