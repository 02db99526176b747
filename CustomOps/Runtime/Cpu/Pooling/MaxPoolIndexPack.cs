using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>
/// The driver of MaxPoolIndexPack: MaxPool, and where in each window its element was, without 64 bits for each. As in
/// ONNX Runtime's MaxPool with indices, the first of equal elements counts, and NaN never does, unless the search
/// begins with it. Planes are independent.
/// </summary>
internal static unsafe class MaxPoolIndexPack
{
    /// <param name="type">Type of the elements.</param>
    /// <param name="x">The pool's input, aligned to its elements' size.</param>
    /// <param name="layout">The indices' layout.</param>
    /// <param name="sizes">Spatial dimensions of the input.</param>
    /// <param name="windows">Spatial dimensions of the output.</param>
    /// <param name="fromFirst">Where the search begins; see <see cref="PoolingAttributes.FromFirst"/>.</param>
    /// <param name="packed"><see cref="IndexLayout.TotalBytes"/> bytes; all are written.</param>
    /// <param name="y">Room for an element for each window; all are written.</param>
    /// <param name="loop">Runs the planes.</param>
    /// <exception cref="ArgumentException">A window holds no element of the plane.</exception>
    internal static void Run(
        ElementType type, void* x, IndexLayout layout, ReadOnlySpan<long> sizes, ReadOnlySpan<long> windows,
        bool fromFirst, byte* packed, void* y, IParallelLoop loop)
    {
        layout.WriteHeader(new Span<byte>(packed, IndexLayout.HeaderSize));
        if (layout.PlaneCount == 0 || layout.PlaneElements == 0) return;
        var grid = new PoolingGrid(layout.Window, sizes, windows);
        grid.RequireElements();
        switch (type)
        {
            case ElementType.Float32: Run((float*)x, (float*)y, layout, grid, fromFirst, packed, loop); break;
            case ElementType.Float64: Run((double*)x, (double*)y, layout, grid, fromFirst, packed, loop); break;
            case ElementType.Float16: Run((Half*)x, (Half*)y, layout, grid, fromFirst, packed, loop); break;
            default: Run((BFloat16*)x, (BFloat16*)y, layout, grid, fromFirst, packed, loop); break;
        }
    }

    private static void Run<T>(
        T* x, T* y, IndexLayout layout, PoolingGrid grid, bool fromFirst, byte* packed, IParallelLoop loop)
        where T : unmanaged, IComparisonOperators<T, T, bool>, IMinMaxValue<T> =>
        loop.For(layout.PlaneCount, (start, end) =>
        {
            for (var number = start; number < end; number++)
            {
                var codes = packed + IndexLayout.HeaderSize + number * layout.PlaneBytes;
                NativeMemory.Clear(codes, (nuint)layout.PlaneBytes);
                grid.Walk(new Maxima<T>(
                    x + number * grid.ElementCount, y + number * layout.PlaneElements, fromFirst,
                    new OffsetCodes(codes, layout.Window.OffsetBits)));
            }
        });

    private readonly struct Maxima<T>(T* x, T* y, bool fromFirst, OffsetCodes codes) : IPoolingVisitor
        where T : unmanaged, IComparisonOperators<T, T, bool>, IMinMaxValue<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Visit(long window, in PoolingPatch patch)
        {
            var (slices, rows, columns) = (patch.Slices, patch.Rows, patch.Columns);
            var largest = fromFirst
                ? x[patch.RowStart(slices.First, rows.First) + columns.PlaceOf(columns.First)]
                : T.MinValue;
            var found = patch.First;
            for (var slice = slices.First; slice < slices.End; slice++)
            {
                for (var row = rows.First; row < rows.End; row++)
                {
                    var line = x + patch.RowStart(slice, row);
                    for (var column = columns.First; column < columns.End; column++)
                    {
                        var value = line[columns.PlaceOf(column)];
                        if (!(value > largest)) continue;
                        largest = value;
                        found = patch.Offset(slice, row, column);
                    }
                }
            }
            y[window] = largest;
            codes.Put(window, found);
        }
    }
}
