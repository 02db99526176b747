using System.Runtime.InteropServices;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>
/// The driver of IndexPack: header, then planes, which are independent of each other. There is one kernel for all tiers: the
/// search for an offset among a window's distances is the library's, which uses vectors.
/// </summary>
/// <remarks>
/// An index that lies outside its window is stored as the window's first element within the plane. ONNX Runtime writes such where
/// a window holds nothing above the least finite number (all NaN, or −∞), and its own gradient then writes past the plane.
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
        if (layout.PlaneElements == 0) return;
        var plane = new PoolingPlane(layout.Window, x, y);
        loop.For(layout.PlaneCount, (start, end) =>
        {
            for (var number = start; number < end; number++)
            {
                var codes = packed + IndexLayout.HeaderSize + number * layout.PlaneBytes;
                NativeMemory.Clear(codes, (nuint)layout.PlaneBytes);
                Pack(indices + number * layout.PlaneElements, number * plane.ElementCount, plane, layout, codes);
            }
        });
    }

    private static void Pack(long* indices, long first, PoolingPlane plane, IndexLayout layout, byte* codes)
    {
        var bits = layout.Window.OffsetBits;
        var perByte = 8 / bits;
        long window = 0;
        for (long row = 0; window < layout.PlaneElements; row++)
        {
            var start = plane.RowStart(row);
            for (long column = 0; column < plane.RowLength; column++, window++, start += plane.ColumnStep)
            {
                var offset = OffsetOf(indices[window] - first, start, plane);
                codes[window / perByte] |= (byte)(offset << (int)(window % perByte) * bits);
            }
        }
    }

    private static int OffsetOf(long element, long start, PoolingPlane plane)
    {
        var offset = plane.Contains(element) ? plane.Distances.IndexOf(element - start) : -1;
        for (var other = 0; offset < 0 && other < plane.Distances.Length; other++)
        {
            if (plane.Contains(start + plane.Distances[other])) offset = other;
        }
        return offset >= 0 ? offset : throw new ArgumentException(
            "a pooling window holds no element of the input: correct the attributes, which must be those of the MaxPool.");
    }
}
