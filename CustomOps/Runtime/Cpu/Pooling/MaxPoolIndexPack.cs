using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OnnxActNN.CustomOps.Cpu.Elements;
using OnnxActNN.Format;

namespace OnnxActNN.CustomOps.Cpu.Pooling;

/// <summary>
/// The driver of MaxPoolIndexPack: MaxPool, and where in each window its element was, without 64 bits for each. As in ONNX Runtime's MaxPool
/// with indices, the first of equal elements counts, and NaN never does, unless the search begins with it. Planes are independent.
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
        ElementType type, void* x, IndexLayout layout, ReadOnlySpan<long> sizes, ReadOnlySpan<long> windows, bool fromFirst, byte* packed,
        void* y, IParallelLoop loop)
    {
        layout.WriteHeader(new Span<byte>(packed, IndexLayout.HeaderSize));
        if (layout.PlaneCount == 0 || layout.PlaneElements == 0) return;
        var grid = new PoolingGrid(layout.Window, sizes, windows);
        switch (type)
        {
            case ElementType.Float32: Run((float*)x, (float*)y, layout, grid, fromFirst, packed, loop); break;
            case ElementType.Float64: Run((double*)x, (double*)y, layout, grid, fromFirst, packed, loop); break;
            case ElementType.Float16: Run((Half*)x, (Half*)y, layout, grid, fromFirst, packed, loop); break;
            default: Run((BFloat16*)x, (BFloat16*)y, layout, grid, fromFirst, packed, loop); break;
        }
    }

    private static void Run<T>(T* x, T* y, IndexLayout layout, PoolingGrid grid, bool fromFirst, byte* packed, IParallelLoop loop)
        where T : unmanaged, IComparisonOperators<T, T, bool>, IMinMaxValue<T> =>
        loop.For(layout.PlaneCount, (start, end) =>
        {
            for (var number = start; number < end; number++)
            {
                var codes = packed + IndexLayout.HeaderSize + number * layout.PlaneBytes;
                NativeMemory.Clear(codes, (nuint)layout.PlaneBytes);
                Pool(x + number * grid.ElementCount, y + number * layout.PlaneElements, layout, grid, fromFirst, codes);
            }
        });

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pool<T>(T* x, T* y, IndexLayout layout, PoolingGrid grid, bool fromFirst, byte* codes)
        where T : unmanaged, IComparisonOperators<T, T, bool>, IMinMaxValue<T>
    {
        var bits = layout.Window.OffsetBits;
        var perByte = 8 / bits;
        var (slices, rows, columns) = (grid.Axis(0), grid.Axis(1), grid.Axis(2));
        long window = 0;
        for (long slice = 0; slice < slices.Windows; slice++)
        {
            for (long row = 0; row < rows.Windows; row++)
            {
                for (long column = 0; column < columns.Windows; column++, window++)
                {
                    var offset = Largest(
                        x, slices.At(slice), rows.At(row), columns.At(column), rows.Size, columns.Size, fromFirst, out var largest);
                    y[window] = largest;
                    codes[window / perByte] |= (byte)(offset << (int)(window % perByte) * bits);
                }
            }
        }
    }

    /// <summary>The offset in its window of the largest element; of the window's first where none is above what the search begins with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Largest<T>(
        T* x, in PoolingReach slices, in PoolingReach rows, in PoolingReach columns, long height, long width, bool fromFirst, out T largest)
        where T : unmanaged, IComparisonOperators<T, T, bool>, IMinMaxValue<T>
    {
        largest = fromFirst
            ? x[(slices.Place(slices.First) * height + rows.Place(rows.First)) * width + columns.Place(columns.First)]
            : T.MinValue;
        var found = (slices.First * rows.Kernel + rows.First) * columns.Kernel + columns.First;
        for (var i = slices.First; i < slices.End; i++)
        {
            for (var j = rows.First; j < rows.End; j++)
            {
                var line = x + (slices.Place(i) * height + rows.Place(j)) * width;
                for (var k = columns.First; k < columns.End; k++)
                {
                    var value = line[columns.Place(k)];
                    if (!(value > largest)) continue;
                    largest = value;
                    found = (i * rows.Kernel + j) * columns.Kernel + k;
                }
            }
        }
        return found;
    }
}
